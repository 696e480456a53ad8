"""Hosts by host string. The connection itself belongs to the engine."""

from _hostout.engine import ask
from _hostout.keywords import refuse
from _hostout.shared_env import env
from fabric import host
from fabric.host_strings import (denormalize, from_dict, join_host_strings, normalize, normalize_to_string,
                                 parse_host_string, to_dict)
from fabric.sftp import SFTP


def needs_host(func):
    return func


def disconnect_all():
    """Logs out of the current host; the next command logs in again."""
    log_out(env.host_string)


def log_out(host_string):
    ask("log-out", host.settings_at(host_string))


def prompt_for_password(prompt=None, no_colon=False, stream=None):
    refuse("prompt_for_password", {"stream": stream}, {"stream": "the question is shown on the terminal."})
    text = prompt or "Password for %s" % env.host_string
    return ask("ask", text if no_colon else text + ": ", True)


class HostConnectionCache(dict):
    """Host string -> connection, for fabfiles. The engine opens connections on demand."""

    def connect(self, key):
        """Logs in again."""
        log_out(key)

    def __getitem__(self, key):
        return _Client(key)


class _Client(object):

    def __init__(self, host_string):
        self._host_string = host_string

    def open_sftp(self):
        return SFTP(self._host_string)

    def close(self):
        HostConnectionCache().connect(self._host_string)

    def get_transport(self):
        raise NotImplementedError("get_transport() is not supported: the connection is the engine's. "
                                  "Use run(), put(), get(), open_sftp() or remote_tunnel().")


def __getattr__(name):
    if name != "ssh":
        raise AttributeError("module 'fabric.network' has no attribute %r" % name)
    import paramiko

    return paramiko


def ssh_config(host_string=None):
    """The settings for a host in ~/.ssh/config; empty unless `env.use_ssh_config`, as in Fabric."""
    if not env.use_ssh_config:
        return {}
    name = parse_host_string(host_string or host.host_string())["host"]
    return ask("ssh-config", dict(host.settings_at(name), user=None))


def key_filenames():
    names = env.get("key_filename") or env.get("identity-file") or []
    return [names] if isinstance(names, str) else list(names)
