"""Exceptions of Invoke."""


class Failure(Exception):
    """A command that did not end well; `result` is what it gave."""

    def __init__(self, result, reason=None):
        super().__init__(result, reason)
        self.result = result
        self.reason = reason

    def __str__(self):
        return self.result.failure_text()


class UnexpectedExit(Failure):
    """It ended with a status other than 0."""


class CommandTimedOut(Failure):

    def __init__(self, result, timeout):
        super().__init__(result)
        self.timeout = timeout

    def __str__(self):
        return "'%s' did not end within %s seconds." % (self.result.command, self.timeout)


class AuthFailure(Failure):
    pass


class Exit(Exception):
    """Ends the run: with a text, and a status."""

    def __init__(self, message=None, code=None):
        super().__init__(message)
        self.message = message
        self.code = code if code is not None else 0 if message is None else 1

    def __str__(self):
        return str(self.message or "")


class ParseError(Exception):
    pass


class CollectionNotFound(Exception):
    pass


class PlatformError(Exception):
    pass


class ThreadException(Exception):
    pass


class WatcherError(Exception):
    pass


class ResponseNotAccepted(WatcherError):
    pass
