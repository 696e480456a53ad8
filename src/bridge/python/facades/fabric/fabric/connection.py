"""The connection of Fabric 2: the one that the engine has."""

import os

from _hostout.engine import ask
from fabric import host
from fabric.context_managers import cd as _cd, prefix as _prefix, settings as _settings
from fabric.network import parse_host_string
from fabric.state import env as _env
from fabric.transfer import get as _get, put as _put
from fabric.utils import abort
from invoke.config import Config as _Config
from invoke.local import exported, hidden, judged, run_local
from invoke.runners import Result as _Result


class Config(_Config):
    """The options of the part, and what they mean to Fabric."""


class Result(_Result):
    pass


class TransferResult(object):
    """Of `put` and `get`."""

    def __init__(self, local, remote, connection, orig_local=None, orig_remote=None):
        self.local = local
        self.remote = remote
        self.connection = connection
        self.orig_local = orig_local if orig_local is not None else local
        self.orig_remote = orig_remote if orig_remote is not None else remote


class Connection(object):

    def __init__(self, host=None, user=None, port=None, config=None, **kwargs):
        from fabric import host as place

        text = str(host) if host is not None else _env.host_string
        if host is not None:
            text = text if port is None or ":" in text else "%s:%s" % (text, port)
            user = user or parse_host_string(text)["user"]
        found = parse_host_string(text) if text else {"host": None}
        self.original_host = text
        self.host = found["host"]
        self.user = user or _env.user
        self.port = place.part["port"]
        self.connect_kwargs = kwargs.get("connect_kwargs") or {}
        self.forward_agent = False
        self.gateway = None
        self.is_connected = True
        self._inherited = host is None and user is None
        self.config = config if config is not None else Config(_env)

    def __getattr__(self, name):
        try:
            return self.__dict__["config"][name]
        except KeyError:
            raise AttributeError("'Connection' object has no attribute %r" % name) from None

    def __getitem__(self, name):
        return self.config[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return "<Connection host=%s user=%s>" % (self.host, self.user)

    @property
    def cwd(self):
        return _env.cwd

    @property
    def command_prefixes(self):
        return _env.command_prefixes

    def open(self):
        """It is open."""

    def close(self):
        """The engine closes it when the commands are done."""

    def _as_user(self):
        return _settings() if self._inherited else _settings(host_string=self.original_host, user=self.user)

    def _execute(self, command, sudo, hide=None, warn=None, pty=None, env=None, in_stream=None, timeout=None,
                 watchers=(), user=None, **_):
        defaults = self.config.get("run") or {}
        chosen = {"hide": hide, "warn": warn, "pty": pty}
        for name, value in chosen.items():
            chosen[name] = defaults.get(name) if value is None else value
        command = str(command)
        answers = "".join(getattr(each, "response", "") for each in watchers or ())
        fed = in_stream.read() if hasattr(in_stream, "read") else in_stream or answers or None
        options = {"sudo": sudo, "as": user, "pty": bool(chosen["pty"]), "timeout": timeout, "input": fed,
                   "shell": True}
        with self._as_user():
            answer = ask("run", exported(command, dict(defaults.get("env") or {}, **(env or {}))),
                         hidden(chosen["hide"], host.settings()), options)
        result = Result(answer["stdout"], answer["stderr"], command=command, exited=answer["code"],
                        pty=bool(chosen["pty"]), connection=self, where=host.part["name"])
        return judged(result, chosen["warn"])

    def run(self, command, **kwargs):
        return self._execute(command, False, **kwargs)

    def sudo(self, command, **kwargs):
        kwargs.pop("password", None)
        if kwargs.get("user") is None:
            kwargs["user"] = (self.config.get("sudo") or {}).get("user")
        return self._execute(command, True, **kwargs)

    def local(self, command, **kwargs):
        return run_local(command, **kwargs)

    def cd(self, path):
        return _cd(str(path))

    def prefix(self, command):
        return _prefix(command)

    def put(self, local, remote=None, preserve_mode=True):
        with self._as_user(), _settings(warn_only=False):
            done = _put(local, remote, mirror_local_mode=preserve_mode, use_glob=False)
        return TransferResult(getattr(local, "name", local), done[0], self, local, remote)

    def get(self, remote, local=None, preserve_mode=True):
        """By default to the file's own name here."""
        name = os.path.basename(str(remote).rstrip("/"))
        with self._as_user(), _settings(warn_only=False):
            done = _get(remote, name if local is None else local)
        return TransferResult(done[0], remote, self, local, remote)

    def shell(self, **kwargs):
        from fabric.operations import open_shell

        open_shell()

    def sftp(self):
        abort("sftp() is not there: the connection is the engine's. Use put() and get().")

    def forward_local(self, *args, **kwargs):
        abort("forward_local() is not there: the connection is the engine's.")

    def forward_remote(self, *args, **kwargs):
        abort("forward_remote() is not there. With 'tunnel = true' in the hostout part, commands on "
              "the host reach the network through this machine.")
