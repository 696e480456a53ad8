"""Not in this engine: who imports it is told the way out."""

from _hostout.absent import refuse_module

refuse_module(__name__)
