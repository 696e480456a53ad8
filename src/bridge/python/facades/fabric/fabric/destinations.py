"""Destinations of connections of Fabric 2, in the form that the engine expects."""

import os

from _hostout.keywords import refuse
from _hostout.unsaid import said
from fabric.host import destination
from fabric.origins import part


def destination_of(connection):
    """The host and its login settings; None for the host of the command with the settings of the part."""
    found, way = _host(connection), _way(connection)
    if found is None and not way:
        return None
    own = {"host": part["name"], "port": None}
    return dict(found or own, user=connection._user, **way)


def keys(named):
    return [named] if isinstance(named, str) else [str(each) for each in named or ()]


def bracketed(host):
    return "[%s]" % host if ":" in host else host


def _host(connection):
    fallback = _fallback(connection)
    if connection._port is not None:
        found = destination("%s:%s" % (bracketed(connection.original_host), connection._port))
    else:
        at_part = _is_at_part(connection, fallback.get("port"))
        found = None if at_part else destination(connection.original_host, fallback.get("port"))
    if found is None and fallback.get("port") in (None, part["port"]):
        fallback.pop("port", None)
    if not fallback:
        return found
    return dict(found or {"host": part["name"], "port": None}, fallback=fallback)


def _fallback(connection):
    """User and port of the configuration, if Fabric has no other value for them."""
    named = {"user": connection._user, "port": connection._port}
    found = {name: said(connection.config.get(name)) for name, value in named.items() if value is None}
    if found.get("user") == part["user"] and _is_at_part(connection, found.get("port")):
        del found["user"]
    return {name: value for name, value in found.items() if value is not None}


def _is_at_part(connection, port):
    return connection._is_own or destination(connection.original_host, port) is None


def _way(connection):
    keywords = dict(connection.connect_kwargs)
    if connection.connect_timeout:
        keywords.pop("timeout", None)
    found = {"keys": keys(keywords.pop("key_filename", None)), "password": keywords.pop("password", None)}
    options, defaults = _connect_options(keywords), []
    config = connection.config

    def chosen(name, configured):
        """The list for its option: values from the configuration are only defaults."""
        return defaults if connection._given[name] is None and configured == getattr(connection, name) else options

    if connection.connect_timeout:
        configured = config.timeouts.connect
        chosen("connect_timeout", configured and int(configured)).append(
            ["ConnectTimeout", str(connection.connect_timeout)])
    if connection.forward_agent or connection._given["forward_agent"] is not None:
        chosen("forward_agent", bool(config.forward_agent)).append(
            ["ForwardAgent", "yes" if connection.forward_agent else "no"])
    if hasattr(connection.gateway, "_destination"):
        found["gateway"] = {"destination": connection.gateway._destination(), "user": connection.gateway._user}
    elif connection.gateway:
        chosen("gateway", config.gateway).append(["ProxyCommand", str(connection.gateway)])
    elif connection.gateway is False:
        options.append(["ProxyJump", "none"])
    if config.ssh_config_path:
        found["sshConfigFile"] = os.path.abspath(os.path.expanduser(config.ssh_config_path))
    elif not config.load_ssh_configs:
        found["sshConfigFile"] = os.devnull
    found.update(sshOptions=options, sshDefaults=defaults)
    return {name: value for name, value in found.items() if value}


_KEY = "use key_filename=; a key with a passphrase belongs into ssh-agent, or the passphrase is asked for."
_SSH_CONFIG = "write it into ~/.ssh/config."
_NO_GSS = "log in with a key or a password."
# Other arguments of paramiko's connect() -> what to do instead.
_INSTEAD = {
    "auth_strategy": _KEY,
    "auth_timeout": "use timeout=.",
    "banner_timeout": "use timeout=.",
    "channel_timeout": "use timeout=.",
    "disabled_algorithms": _SSH_CONFIG,
    "gss_auth": _NO_GSS,
    "gss_deleg_creds": _NO_GSS,
    "gss_host": _NO_GSS,
    "gss_kex": _NO_GSS,
    "gss_trust_dns": _NO_GSS,
    "passphrase": _KEY,
    "pkey": _KEY,
    "sock": "use gateway= of the connection.",
    "transport_factory": _SSH_CONFIG,
}


def _connect_options(keywords):
    """Options for the other keywords of `connect_kwargs`."""
    options = []
    for name in ("hostname", "port", "username"):
        if name in keywords:
            raise ValueError("Refusing to be ambiguous: connect() kwarg '%s' was given both via regular arg "
                             "and via connect_kwargs!" % name)
    timeout = keywords.pop("timeout", None)
    if timeout:
        options.append(["ConnectTimeout", str(max(1, round(timeout)))])
    if keywords.pop("look_for_keys", True) is False:
        options.append(["IdentitiesOnly", "yes"])
    if keywords.pop("allow_agent", True) is False:
        options.append(["IdentityAgent", "none"])
    if keywords.pop("compress", False):
        options.append(["Compression", "yes"])
    # Switched off, they change nothing: `gss_auth=False`.
    refuse("connect", {name: value for name, value in keywords.items() if value or name not in _INSTEAD}, _INSTEAD)
    return options
