"""Exceptions of Fabric 1."""


class NetworkError(Exception):

    def __init__(self, message=None, wrapped=None):
        super().__init__(message)
        self.message = message
        self.wrapped = wrapped


class CommandTimeout(Exception):

    def __init__(self, message=None):
        super().__init__(message)
        self.message = message


class Aborted(SystemExit):
    """How Fabric ends a run: a SystemExit with status 1, whose text is told by the engine."""

    def __init__(self, message):
        super().__init__(1)
        self.message = message

    def __str__(self):
        return str(self.message)


class CommandFailed(Aborted):
    """A command ended with a status that is none of `env.ok_ret_codes`."""


class Refused(Aborted):
    """What the engine said no to."""
