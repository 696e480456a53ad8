"""The place that commands run at: `env` as the engine needs it."""

import os

from _hostout.shared_env import env
from fabric.host_strings import parse_host_string
from fabric.outputs import output

# What the part says of the host; set when the fabfiles are loaded.
part = {"name": "", "host": "", "port": 22, "user": None}


def destination(host_string):
    """The host that a host string names, in the form the engine expects; None for the host of the part."""
    found = parse_host_string(str(host_string))
    port = int(found["port"]) if found["port"] else None
    if found["host"] in (part["host"], part["name"]) and port in (None, part["port"]):
        return None
    return {"host": found["host"], "port": port, "user": found["user"]}


def _login(string, elsewhere):
    """Who logs in; None: as the part says, or ~/.ssh/config for a host that is none."""
    named = parse_host_string(string)["user"] if string else None
    user = named or (None if elsewhere and env.user == part["user"] else env.user)
    return None if user == part["user"] and not elsewhere else user


def host_string():
    """The host of the moment, as fabfiles name it."""
    return env.host_string or part["host"]


def settings(**changed):
    """How `env` and `output` want a call to be done."""
    return settings_at(env.host_string, **changed)


def settings_at(string, **changed):
    """The same for another host."""
    elsewhere = destination(string) if string else None
    user = _login(string, elsewhere)
    return dict({
        "destination": elsewhere and dict(elsewhere, user=user, **_way(string)),
        "lcwd": local_folder(),
        "user": user,
        "hidden": [name for name in ("running", "stdout", "stderr", "warnings") if not output[name]],
    }, **changed)


def _way(host_string):
    """What `env` says of the way to a host that is none of the part's."""
    keys = env.key_filename or []
    options = [["ForwardAgent", "yes"]] if env.forward_agent else []
    options += [["IdentityAgent", "none"]] if env.no_agent else []
    options += [["ServerAliveInterval", str(env.keepalive)]] if env.keepalive else []
    gateway = env.gateway and parse_host_string(str(env.gateway))
    found = {
        "keys": [os.path.expanduser(each) for each in ([keys] if isinstance(keys, str) else keys)],
        "password": env.passwords.get(host_string),
        "sshOptions": options,
        "gateway": gateway and {"destination": destination(env.gateway), "user": gateway["user"]},
    }
    return {name: value for name, value in found.items() if value}


def local_folder():
    """The directory of `lcd`."""
    return os.path.join(os.getcwd(), os.path.expanduser(env.lcwd.replace("\\ ", " ")))


def local_path(path):
    """Absolute; relative ones begin in the directory of `lcd`."""
    return os.path.normpath(os.path.join(local_folder(), os.path.expanduser(str(path))))
