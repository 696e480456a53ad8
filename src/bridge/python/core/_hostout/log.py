"""Sends Python's log records to the engine's log."""

import warnings

from _hostout.after_import import after_import
from _hostout.channel import request


def _send_records_of(logging, level):

    class EngineHandler(logging.Handler):

        def emit(self, record):
            try:
                request("log", record.name, record.levelno, self.format(record))
            except Exception:
                self.handleError(record)

    handler = EngineHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)


def start(level):
    """`level`: Python's number; records below it are dropped."""
    after_import("logging", lambda logging: _send_records_of(logging, level))
    # Recipes cannot avoid these: they were written for older tools.
    warnings.filterwarnings("ignore", message=".*pkg_resources.*", category=UserWarning)
    warnings.filterwarnings("ignore", message=".*pkg_resources.*", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="Setuptools is replacing distutils")
