"""The place that commands run at: `env` as the engine needs it."""

import os

from _hostout.engine import ask
from fabric.network import parse_host_string
from fabric.state import env, output

# What the part says of the host; set when the fabfiles are loaded.
part = {"name": "", "host": "", "port": 22, "user": None}


def destination(host_string):
    """The host that a host string names, in the form the engine expects; None for the host of the part."""
    found = parse_host_string(str(host_string))
    port = int(found["port"]) if found["port"] else None
    if found["host"] in (part["host"], part["name"]) and port in (None, part["port"]):
        return None
    return {"host": found["host"], "port": port, "user": found["user"]}


def _login(elsewhere):
    """Who logs in; None: as the part says, or ~/.ssh/config for a host that is none."""
    named = parse_host_string(env.host_string)["user"] if env.host_string else None
    user = named or (None if elsewhere and env.user == part["user"] else env.user)
    return None if user == part["user"] and not elsewhere else user


def settings(**changed):
    """How `env` and `output` want a command to be run."""
    exports = ["export %s=%s" % (name, _quoted(value)) for name, value in env.shell_env.items()]
    elsewhere = destination(env.host_string) if env.host_string else None
    user = _login(elsewhere)
    return dict({
        "destination": elsewhere and dict(elsewhere, user=user),
        "cwd": env.cwd or None,
        "lcwd": local_folder(),
        "prefixes": exports + list(env.command_prefixes),
        "user": user,
        "shell": env.get("shell"),
        "hidden": [name for name in ("running", "stdout", "stderr", "warnings") if not output[name]],
    }, **changed)


def _quoted(value):
    """The text for the shell, which still puts in what begins with a dollar sign."""
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")


def local_folder():
    return os.path.join(os.getcwd(), env.lcwd or "")


def local_path(path):
    return os.path.normpath(os.path.join(local_folder(), os.path.expanduser(str(path))))


def execute(command, options, **changed):
    """stdout, stderr and code of a command on the host."""
    return ask("run", command, settings(**changed), options)


def silently(command, use_sudo=False, user=None):
    """Runs a command of our own, not as the fabfile says: unseen, and its failure is an answer."""
    hidden = ["running", "stdout", "stderr", "warnings"]
    return execute(command, {"sudo": use_sudo, "as": user or env.sudo_user}, hidden=hidden)
