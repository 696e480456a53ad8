"""Commands on this machine, and settings for the commands inside a `with` block."""

import contextlib
import os
import re

from invoke.config import Config
from invoke.exceptions import AuthFailure, Failure, ResponseNotAccepted
from invoke.watchers import FailingResponder


class Context(object):

    def __init__(self, config=None):
        self._set(_config=config if config is not None else Config(), command_prefixes=[], command_cwds=[])

    def _set(self, **attributes):
        self.__dict__.update(attributes)

    @property
    def config(self):
        return self._config

    @config.setter
    def config(self, value):
        self._set(_config=value)

    def __getattr__(self, name):
        try:
            return self.__dict__["_config"][name]
        except KeyError:
            raise AttributeError("%r object has no attribute or config key %r"
                                 % (type(self).__name__, name)) from None

    def __setattr__(self, name, value):
        """Sets attributes of an object; any other name is configuration."""
        if name in self.__dict__ or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self.config[name] = value

    def __getitem__(self, name):
        return self.config[name]

    def __setitem__(self, name, value):
        self.config[name] = value

    def __contains__(self, name):
        return name in self.config

    def __repr__(self):
        return "<%s: %r>" % (type(self).__name__, self.config)

    def run(self, command, **kwargs):
        return self._run(self.config.runners.local(self), command, **kwargs)

    def sudo(self, command, **kwargs):
        return self._sudo(self.config.runners.local(self), command, **kwargs)

    def _run(self, runner, command, **kwargs):
        return runner.run(self._prefix_commands(command), **kwargs)

    def _password_answer(self, password):
        """The password to write when sudo asks for it."""
        return "%s\n" % password

    def _sudo(self, runner, command, **kwargs):
        sudo = self.config.sudo
        password = kwargs.pop("password", sudo.password)
        user = kwargs.pop("user", sudo.user)
        env = kwargs.get("env") or {}
        flags = "--preserve-env='%s' " % ",".join(env) if env else ""
        flags += "-H -u %s " % user if user is not None else ""
        line = "sudo -S -p '%s' %s%s" % (sudo.prompt, flags, self._prefix_commands(command))
        answers = FailingResponder(re.escape(sudo.prompt), self._password_answer(password),
                                   "Sorry, try again.\n")
        watchers = list(kwargs.pop("watchers", None) or self.config.run.watchers)
        try:
            return runner.run(line, watchers=watchers + [answers], **kwargs)
        except Failure as failure:
            if isinstance(failure.reason, ResponseNotAccepted):
                raise AuthFailure(failure.result, sudo.prompt) from None
            raise

    def _prefix_commands(self, command):
        if not isinstance(command, str):
            raise TypeError("a command is a string, not %s" % type(command).__name__)
        folder = ["cd %s" % self.cwd] if self.cwd else []
        return " && ".join(folder + list(self.command_prefixes) + [command])

    @property
    def cwd(self):
        folders = [str(each).replace(" ", "\\ ") for each in self.command_cwds]
        absolute = [at for at, each in enumerate(folders) if each.startswith(("/", "~"))]
        return os.path.join(*folders[absolute[-1] if absolute else 0:]) if folders else ""

    @contextlib.contextmanager
    def cd(self, path):
        self.command_cwds.append(str(path))
        try:
            yield
        finally:
            self.command_cwds.pop()

    @contextlib.contextmanager
    def prefix(self, command):
        self.command_prefixes.append(command)
        try:
            yield
        finally:
            self.command_prefixes.pop()


class MockContext(Context):
    """For tests of fabfiles, which are run with Invoke itself."""

    def __init__(self, config=None, **kwargs):
        raise TypeError("MockContext is for tests: run them with Invoke, which has it.")
