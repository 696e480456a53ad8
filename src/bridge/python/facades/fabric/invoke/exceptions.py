"""Exceptions of Invoke."""

import pprint
import traceback


class Failure(Exception):
    """A command that failed; `result` is its result, `reason` another exception or None."""

    def __init__(self, result, reason=None):
        # `args` are the given ones, which Python has already set.
        self.result = result
        self.reason = reason

    def streams_for_display(self):
        shown = " already printed"
        out = self.result.tail("stdout") if "stdout" in self.result.hide else shown
        if self.result.pty:
            return out, " n/a (PTYs have no stderr)"
        return out, self.result.tail("stderr") if "stderr" in self.result.hide else shown

    def __repr__(self):
        return self._repr()

    def _repr(self, **kwargs):
        rest = "".join(" %s=%s" % pair for pair in kwargs.items())
        return "<%s: cmd=%r%s>" % (type(self).__name__, self.result.command, rest)

    @property
    def _told(self):
        """The message for the user, without the output, which has been printed already."""
        return self.result.failure_text() if self.reason is None else str(self.reason)

    def _shown(self, trouble, *facts):
        facts = ("Command: %r" % self.result.command,) + facts
        streams = "Stdout:%s\n\nStderr:%s\n\n" % self.streams_for_display()
        return "\n\n".join((trouble,) + facts + (streams,))


class UnexpectedExit(Failure):
    """Its status was not 0."""

    @property
    def _exit_status(self):
        """The exit status of the run, as in Fabric."""
        return self.result.exited

    def __str__(self):
        return self._shown("Encountered a bad command exit code!", "Exit code: %s" % self.result.exited)

    def _repr(self, **kwargs):
        return super()._repr(**dict({"exited": self.result.exited}, **kwargs))


class CommandTimedOut(Failure):

    def __init__(self, result, timeout):
        super().__init__(result)
        self.timeout = timeout

    def __repr__(self):
        return self._repr(timeout=self.timeout)

    @property
    def _told(self):
        return "'%s' did not end within %s seconds." % (self.result.command, self.timeout)

    def __str__(self):
        return self._shown("Command did not complete within %s seconds!" % self.timeout)


class AuthFailure(Failure):
    """sudo did not accept the password."""

    def __init__(self, result, prompt):
        super().__init__(result)
        self.prompt = prompt

    @property
    def _told(self):
        return str(self)

    def __str__(self):
        return "The password submitted to prompt %r was rejected." % self.prompt


class ParseError(Exception):
    """Command-line arguments that a task does not accept."""

    def __init__(self, msg, context=None):
        super().__init__(msg)
        self.context = context
        # The argument in question.
        self.word = None


class Exit(Exception):
    """Ends the run with a text and a status."""

    def __init__(self, message=None, code=None):
        self.message = message
        self._code = code

    @property
    def code(self):
        if self._code is not None:
            return self._code
        return 1 if self.message else 0


class CollectionNotFound(Exception):

    def __init__(self, name, start):
        super().__init__(name, start)
        self.name = name
        self.start = start


class PlatformError(Exception):
    pass


class AmbiguousEnvVar(Exception):
    pass


class UncastableEnvVar(Exception):
    pass


class UnknownFileType(Exception):
    pass


class UnpicklableConfigMember(Exception):
    pass


class ThreadException(Exception):
    """Exceptions raised by the threads of a command: `exceptions` has kwargs, type, value and traceback of each."""

    exceptions = ()

    def __init__(self, exceptions):
        super().__init__(exceptions)
        self.exceptions = tuple(exceptions)

    @property
    def _told(self):
        return "Exceptions in threads: %s" % ", ".join(
            "%s: %s" % (each.type.__name__, each.value) for each in self.exceptions)

    def __str__(self):
        details = ["Thread args: %s\n\n%s" % (
            pprint.pformat(_shortened(each.kwargs)),
            "\n".join(traceback.format_exception(each.type, each.value, each.traceback)))
            for each in self.exceptions]
        return "\nSaw %d exceptions within threads (%s):\n\n\n%s\n" % (
            len(details), ", ".join(each.type.__name__ for each in self.exceptions), "\n\n".join(details))


def _shortened(kwargs):
    """The arguments of a thread without those that would fill the screen."""
    def short(value):
        if not isinstance(value, list) or len(value) <= 10:
            return value
        return value[:10] + ["<... remainder truncated during error display ...>"]

    return {name: list(map(short, value)) if name == "args" else value for name, value in kwargs.items()}


class WatcherError(Exception):
    pass


class ResponseNotAccepted(WatcherError):
    pass


class SubprocessPipeError(Exception):
    pass
