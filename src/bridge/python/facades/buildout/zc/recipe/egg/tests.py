"""Not part of this engine: importing it raises an error that says what to use instead."""

from _hostout.absent import refuse_module

refuse_module(__name__)
