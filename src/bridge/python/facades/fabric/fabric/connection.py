"""Connections of Fabric 2. The transport is the engine's, which also checks host keys."""

import contextlib
import sys

from _hostout import engine
from _hostout.engine import ask
from _hostout.unsaid import said, unsaid
from fabric import host as place
from fabric.config import Config, command_config
from fabric.destinations import bracketed, destination_of, keys
from fabric.errors import translated
from fabric.network import parse_host_string
from fabric.state import env as _env
from fabric.modern_transfer import Transfer
from invoke.context import Context

def derive_shorthand(host_string):
    """User, host and port of `USER@HOST:PORT`."""
    found = parse_host_string(str(host_string))
    return {"user": found["user"], "host": found["host"], "port": int(found["port"]) if found["port"] else None}


def _either(name, short, given):
    if short is not None and given is not None:
        raise ValueError("You supplied the %s via both shorthand and kwarg! Please pick one." % name)
    return given if short is None else short


def _connect_kwargs(config, given):
    """The keywords of the call, otherwise of the configuration; keys come from both."""
    if given is None:
        return config.connect_kwargs
    both = keys(config.connect_kwargs.get("key_filename")) + keys(given.get("key_filename"))
    return dict(given, key_filename=both) if both else given


class Connection(Context):

    def __init__(self, host, user=None, port=None, config=None, gateway=None, forward_agent=None,
                 connect_timeout=None, connect_kwargs=None, inline_ssh_env=None):
        if config is not None and not isinstance(config, Config):
            config = config.clone(into=Config)
        super().__init__(config=config if config is not None else Config())
        short = derive_shorthand(host)
        config = self.config
        timeout = config.timeouts.connect if connect_timeout is None else connect_timeout
        self._set(
            original_host=short["host"],
            gateway=config.gateway if gateway is None else gateway,
            forward_agent=bool(config.forward_agent if forward_agent is None else forward_agent),
            connect_timeout=None if timeout is None else int(timeout),
            connect_kwargs=_connect_kwargs(config, connect_kwargs),
            inline_ssh_env=config.inline_ssh_env if inline_ssh_env is None else inline_ssh_env,
            ssh_config={},
            is_connected=False,
            transport=None,
            client=None,
            _user=_either("user", short["user"], user),
            _port=_either("port", short["port"], port),
            _place=None,
            _is_own=False,
            _given={"forward_agent": forward_agent, "connect_timeout": connect_timeout, "gateway": gateway},
        )

    @classmethod
    def from_v1(cls, env, **kwargs):
        """A connection to the host named in `env` of Fabric 1, with the settings there."""
        if not env.host_string:
            from fabric.exceptions import InvalidV1Env

            raise InvalidV1Env("Supplied v1 env has an empty `host_string` value!")
        named = derive_shorthand(env.host_string)
        if not named["user"]:
            kwargs.setdefault("user", place.said_of("user", env))
        if not named["port"]:
            port = place.said_of("port", env)
            kwargs.setdefault("port", None if port is None else int(port))
        kwargs.setdefault("config", Config.from_v1(env))
        if env.gateway:
            # A host, while Fabric 2 takes a string for a proxy command.
            kwargs.setdefault("gateway", cls(str(env.gateway)))
        return cls(env.host_string, **kwargs)

    # Destination: from the arguments, ~/.ssh/config, the configuration, and the hostout part.

    def _destination(self):
        return destination_of(self)

    def call_settings(self, hidden=()):
        return dict(place.settings(), user=self._user, hidden=list(hidden),
                    destination=self._destination())

    def _where(self):
        """The host, user and port to log in to; if no command is running that could ask for them, the given ones."""
        if self.__dict__["_place"] is None:
            if not engine.is_running():
                return {"host": self.original_host, "user": self._user or self.config.user,
                        "port": self._port or self.config.port}
            with translated():
                self._set(_place=ask("whereabouts", self.call_settings()))
        return self.__dict__["_place"]

    # Fabfiles may also set these before the connection is opened.

    @property
    def host(self):
        return self._where()["host"]

    @host.setter
    def host(self, value):
        self._set(original_host=str(value), _place=None, is_connected=False, _is_own=False)

    @property
    def user(self):
        return self._where()["user"]

    @user.setter
    def user(self, value):
        self._set(_user=value, _place=None, is_connected=False)

    @property
    def port(self):
        return self._where()["port"]

    @port.setter
    def port(self, value):
        self._set(_port=int(value), _place=None, is_connected=False)

    @property
    def label(self):
        """For messages: the name of the part, or the host."""
        destination = self._destination()
        return place.part["name"] if destination is None else destination["host"]

    def _identity(self):
        return self.host, self.user, self.port

    def __eq__(self, other):
        return isinstance(other, Connection) and self._identity() == other._identity()

    def __lt__(self, other):
        return self._identity() < other._identity()

    def __hash__(self):
        return hash(self._identity())

    def __repr__(self):
        bits = ["host=%s" % self.host]
        # Values of the part are not Fabric's defaults.
        user, port = (_env.local_user, 22) if self._is_own else (self.config.user, self.config.port)
        if self.user != user:
            bits.append("user=%s" % self.user)
        if self.port != port:
            bits.append("port=%s" % self.port)
        if self.gateway:
            bits.append("gw=%s" % ("proxycommand" if isinstance(self.gateway, str) else "proxyjump"))
        return "<Connection %s>" % " ".join(bits)

    # Opening and closing.

    def open(self):
        if not self.is_connected:
            with translated():
                ask("connect", self.call_settings())
            self._set(is_connected=True)

    def close(self):
        """The command's own connection stays open: the engine closes it at the end."""
        if self.is_connected:
            self._set(is_connected=False)
            destination = self._destination()
            if destination is not None:
                ask("disconnect", destination)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def create_session(self):
        raise TypeError("create_session() is not supported: the engine has the connection. Use run() or shell().")

    # Operations.

    def run(self, command, **kwargs):
        return self._run(self.config.runners.remote(self), command, **kwargs)

    def sudo(self, command, **kwargs):
        user = kwargs.get("user", self.config.sudo.user)
        direct = self.user == (user or "root") or user in (None, "root") and self._without_sudo()
        if direct:
            kwargs.pop("user", None)
            kwargs.pop("password", None)
            return self.run(command, **kwargs)
        return self._sudo(self.config.runners.remote(self), command, **kwargs)

    def _without_sudo(self):
        return self._destination() is None and _env.get("no-sudo") in (True, "true")

    def _password_answer(self, password):
        """If none was given, the engine knows it or asks for it."""
        if password is not None:
            return super()._password_answer(password)
        return _AskedFor(self)

    def local(self, command, **kwargs):
        return super().run(command, **kwargs)

    def shell(self, **kwargs):
        """An interactive shell on the terminal."""
        unsupported = set(kwargs) - {"encoding", "env", "in_stream", "out_stream", "replace_env", "watchers"}
        if unsupported:
            raise TypeError("shell() got an unexpected keyword argument '%s'" % sorted(unsupported)[0])
        if kwargs.get("in_stream") is None and not (sys.stdin and sys.stdin.isatty()):
            raise RuntimeError("shell() needs a terminal, or an in_stream.")
        return self._run(self.config.runners.remote(self), 'exec "${SHELL:-/bin/sh}" -l', pty=True, warn=True,
                         **kwargs)

    def sftp(self):
        from fabric.sftp_client import SFTPClient

        if "_sftp" not in self.__dict__:
            self.open()
            self._set(_sftp=SFTPClient(self))
        return self.__dict__["_sftp"]

    def get(self, *args, **kwargs):
        return Transfer(self).get(*args, **kwargs)

    def put(self, *args, **kwargs):
        return Transfer(self).put(*args, **kwargs)

    def forward_local(self, local_port, remote_port=None, remote_host="localhost", local_host="localhost"):
        return self._forward("forward-local", local_host, local_port, remote_host, remote_port or local_port)

    def forward_remote(self, remote_port, local_port=None, remote_host="127.0.0.1", local_host="localhost"):
        return self._forward("forward-remote", local_host, local_port or remote_port, remote_host, remote_port)

    @contextlib.contextmanager
    def _forward(self, kind, local_host, local_port, remote_host, remote_port):
        ends = {"localHost": local_host, "localPort": int(local_port), "remoteHost": remote_host,
                "remotePort": int(remote_port)}
        with translated():
            self.open()
            number = ask(kind, self.call_settings(), ends)
        try:
            yield
        finally:
            ask("forward-close", number)


class _AskedFor(object):
    """sudo's password, which the engine knows after sudo has asked for it."""

    def __init__(self, connection):
        self._connection = connection

    def __str__(self):
        from fabric.exceptions import Refused

        try:
            return "%s\n" % ask("sudo-password", self._connection.call_settings())
        except Refused:
            return "\n"


def command_connection(configuration=None):
    """The connection of the running command; its configuration includes the options of the part."""
    config = command_config(configuration)
    for name, value in _env.items():
        if name not in ("port", "user") and not isinstance(config.get(name), dict):
            config[name] = value
    for name in ("port", "user"):
        if said(config[name]) is None:
            config[name] = unsaid(place.part[name])
    made = Connection(bracketed(place.part["host"]) or place.part["name"], user=place.part["login"], config=config)
    made._set(_is_own=True)
    return made
