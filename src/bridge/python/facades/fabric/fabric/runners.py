"""Commands on hosts."""

import shlex

from fabric.errors import translated
from invoke.processes import RemoteProcess
from invoke.runners import Result as InvokeResult, Runner


class Result(InvokeResult):

    def __init__(self, **kwargs):
        self.connection = kwargs.pop("connection")
        super().__init__(**kwargs)

    def where(self):
        return self.connection.label


def exported(command, env):
    """The command with variables in its environment."""
    words = " ".join("%s=%s" % (name, shlex.quote(str(value))) for name, value in sorted(env.items()))
    return "export %s && %s" % (words, command) if words else command


class Remote(Runner):
    """Runs it in the login shell, in the login directory."""

    def begin(self, command, env):
        opts = self.opts
        hidden = [name for name in ("stdout", "stderr")
                  if name in opts["hide"] or opts[name[3:] + "_stream"] is not None]
        hidden += ["running"] if opts["quiet"] else []
        settings = self.context.call_settings(hidden)
        with translated():
            self.context.open()
            return RemoteProcess(exported(command, env), settings, self.using_pty).begin()

    def generate_result(self, **kwargs):
        return Result(connection=self.context, **kwargs)

    def finish(self):
        with translated():
            return super().finish()


def typed_first(line):
    """A class of runners that type a line first."""
    class TypedFirst(Remote):

        def begin(self, command, env):
            process = super().begin(command, env)
            process.write((line + "\n").encode())
            return process

    return TypedFirst
