"""Exceptions of Fabric 1 and Fabric 2."""


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
    """The end of a run in Fabric: a SystemExit with status 1, whose text the engine prints."""

    def __init__(self, message):
        super().__init__(1)
        self.message = message

    def __str__(self):
        return str(self.message)


class CommandFailed(Aborted):
    """The status of a command was not in `env.ok_ret_codes`."""


class Refused(Aborted):
    """A refusal of the engine."""


class GroupException(Exception):
    """Fabric 2: `result` contains what each connection returned or raised."""

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
