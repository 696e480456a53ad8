"""zc.buildout for recipes and extensions: its names and behavior, answered by the engine."""

import sys

from _hostout import failure, imported

WINDOWS = sys.platform.startswith("win")


class UserError(Exception):
    """An error that the user can fix: shown without a traceback."""

    def __str__(self):
        return " ".join(str(argument) for argument in self.args)


failure.CLASSES["default"] = UserError


imported.fill(__name__, globals())
