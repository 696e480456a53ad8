"""The program is bin/hostout."""

from _hostout.absent_names import absent

Program = absent(__name__, "Program", "the program is bin/hostout.")
