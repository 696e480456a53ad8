"""The host that commands run on: `env` in the form that the engine needs."""

import os

from _hostout.shared_env import env
from _hostout.unsaid import said
from fabric.exceptions import Aborted
from fabric.host_strings import normalize_to_string, parse_host_string
from fabric.origins import imported, is_of_part, part, said_of
from fabric.outputs import output

# Login settings for the part's own host that fabfiles set at import and that options of the part override.
overruled = {}

# Options that override what a fabfile sets at import.
_RULING = {"keys": ("identity-file",), "password": ("password", "password-file"), "sshConfigFile": ("ssh-config",)}

_NO_GSS = "GSS-API is not there: log in with a key or a password."
_NOT_SUPPORTED = {
    "gss_auth": _NO_GSS,
    "gss_deleg": _NO_GSS,
    "gss_deleg_creds": _NO_GSS,
    "gss_kex": _NO_GSS,
    "key": "Put the key into a file that only you can read, and name that in env.key_filename.",
}


def destination(host_string, port=None):
    """The host named by a host string, in the form that the engine expects; None for the host of the part."""
    found = parse_host_string(str(host_string))
    number = int(found["port"]) if found["port"] else None
    if is_of_part(found["host"]) and (number or port) in (None, part["port"]):
        return None
    return {"host": found["host"], "port": number, "user": found["user"]}


def host_string():
    """The current host, as fabfiles name it."""
    return env.host_string or part["host"]


def settings(**changed):
    """The settings for a call, from `env` and `output`."""
    return settings_at(env.host_string, **changed)


def settings_at(string, **changed):
    """The same for another host."""
    for name, instead in _NOT_SUPPORTED.items():
        # An option of the part may have the same name.
        if env.get(name) and env.get(name) != env.hostout.options.get(name):
            raise Aborted("env.%s is not supported. %s" % (name, instead))
    return dict({
        "destination": _destination_at(string, env.gateway),
        "lcwd": local_folder(),
        "user": _login(string),
        "hidden": [name for name in ("running", "stdout", "stderr", "warnings") if not output[name]],
    }, **changed)


def _port():
    """The port for host strings without one; None means that of the part or ~/.ssh/config."""
    port = said(env.port)
    return None if port is None else int(port)


def _is_own(string):
    return not string or destination(string, _port()) is None


def _login(string):
    """The user to log in as; None means that of the part or, for any other host, of ~/.ssh/config."""
    named = parse_host_string(string)["user"] if string else None
    if not _is_own(string):
        return named or said_of("user")
    user = named or env.user
    return None if user == part["user"] else user


def _destination_at(string, gateway):
    """A host with its login settings from `env`; None for the host of the part with the settings of the part."""
    is_own = _is_own(string)
    way = _way(string, is_own, gateway)
    if is_own:
        way = {name: value for name, value in way.items() if overruled.get(name) != value}
        return dict(way, host=part["name"], port=None, user=None) if way else None
    found, port = destination(string), said_of("port")
    return dict(found, port=found["port"] or port and int(port), user=_login(string), **way)


def _way(string, is_own, gateway):
    keys = env.key_filename or []
    if gateway and normalize_to_string(gateway) == normalize_to_string(string or host_string()):
        gateway = None
    found = {
        "keys": [os.path.expanduser(each) for each in ([keys] if isinstance(keys, str) else keys)],
        "password": login_password(string or host_string(), is_own),
        "sshOptions": _ssh_options(),
        "sshConfigFile": env.use_ssh_config and os.path.expanduser(said(env.ssh_config_path) or ""),
        "connectTimeout": float(said(env.timeout) or 0),
        "refuseUnknown": bool(env.reject_unknown_hosts),
        "asksNobody": bool(env.abort_on_prompts),
        "gateway": gateway and {"destination": _destination_at(str(gateway), None), "user": _login(str(gateway))},
    }
    return {name: value for name, value in found.items() if value}


def _ssh_options():
    """Settings from `env`, as keywords of ssh_config(5)."""
    found = {
        "ForwardAgent": "yes" if env.forward_agent else None,
        "IdentityAgent": "none" if env.no_agent else None,
        "IdentityFile": "none" if env.no_keys else None,
        "ServerAliveInterval": env.keepalive,
        "ConnectionAttempts": said(env.connection_attempts),
        "GlobalKnownHostsFile": env.system_known_hosts and os.path.expanduser(env.system_known_hosts),
    }
    return [[keyword, str(value)] for keyword, value in found.items() if value]


def login_password(string, is_own=False):
    """The password that a fabfile has set for a login; the part's password is only for its own host."""
    known = _listed(env.passwords, string) or said(env.password)
    return known or (None if is_own else imported.get("password"))


def sudo_password(string):
    return _listed(env.sudo_passwords, string) or env.sudo_password or login_password(string, _is_own(string))


def _listed(passwords, string):
    return passwords.get(normalize_to_string(string)) or passwords.get(string)


def note_imports(options):
    """Records the login settings of fabfiles for the part's host that `options` of the part override."""
    way = _way(None, True, env.gateway)
    overruled.update((name, way.get(name)) for name, ruling in _RULING.items()
                     if any(options.get(each) for each in ruling))


def local_folder():
    """The directory of `lcd`."""
    return os.path.join(os.getcwd(), os.path.expanduser(env.lcwd.replace("\\ ", " ")))


def local_path(path):
    """The absolute path; a relative one starts in the directory of `lcd`."""
    return os.path.normpath(os.path.join(local_folder(), os.path.expanduser(str(path))))
