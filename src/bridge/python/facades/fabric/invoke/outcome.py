"""Results of commands."""

import locale


def default_encoding():
    return locale.getpreferredencoding(False)


class Result(object):

    __module__ = "invoke.runners"

    def __init__(self, stdout="", stderr="", encoding=None, command="", shell="", env=None, exited=0,
                 pty=False, hide=()):
        self.stdout = stdout
        self.stderr = stderr
        self.encoding = default_encoding() if encoding is None else encoding
        self.command = command
        self.shell = shell
        self.env = {} if env is None else env
        self.exited = exited
        self.pty = pty
        self.hide = hide

    @property
    def return_code(self):
        return self.exited

    @property
    def ok(self):
        return self.exited == 0

    @property
    def failed(self):
        return not self.ok

    def __bool__(self):
        return self.ok

    def __str__(self):
        lines = ["Command was not fully executed due to watcher error." if self.exited is None else
                 "Command exited with status %s." % self.exited]
        for name in ("stdout", "stderr"):
            text = getattr(self, name)
            lines.append("=== %s ===\n%s\n" % (name, text.rstrip()) if text else "(no %s)" % name)
        return "\n".join(lines)

    def __repr__(self):
        return "<Result cmd=%r exited=%s>" % (self.command, self.exited)

    def tail(self, stream, count=10):
        return "\n\n" + "\n".join(getattr(self, stream).splitlines()[-count:])

    def where(self):
        return "this machine"

    def failure_text(self):
        return "'%s' ended with status %s on %s." % (self.command, self.exited, self.where())


class Promise(Result):
    """A command that runs in the background; `join` waits for its result."""

    __module__ = "invoke.runners"

    def __init__(self, runner):
        self.runner = runner
        for name, value in runner.result_kwargs.items():
            setattr(self, name, value)

    def join(self):
        return self.runner.finish()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.join()
