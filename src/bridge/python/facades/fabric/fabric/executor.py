"""Tasks are run by bin/hostout."""

from _hostout.absent_names import absent

Executor = absent(__name__, "Executor", "bin/hostout runs the tasks.")
