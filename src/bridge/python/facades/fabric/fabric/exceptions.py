"""Exceptions of Fabric, 1 and 2."""


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
    """How Fabric ends a run: a SystemExit with status 1, whose text the engine prints."""

    def __init__(self, message):
        super().__init__(1)
        self.message = message

    def __str__(self):
        return str(self.message)


class CommandFailed(Aborted):
    """A command ended with a status that is none of `env.ok_ret_codes`."""


class Refused(Aborted):
    """What the engine said no to."""


class GroupException(Exception):
    """Fabric 2: `result` has what each connection gave, or raised."""

    def __init__(self, result):
        super().__init__(result)
        self.result = result

    @property
    def _told(self):
        return "; ".join("%s: %s" % (key.host, error) for key, error in self.result.failed.items())


class NothingToDo(Exception):
    pass


class InvalidV1Env(Exception):
    pass
