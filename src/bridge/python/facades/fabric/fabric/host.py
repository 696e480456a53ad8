"""The place that commands run at: `env` as the engine needs it."""

import os

from _hostout.engine import ask
from fabric.exceptions import OtherHost
from fabric.network import parse_host_string
from fabric.state import end, env, output

# What the part says of the host; set when the fabfiles are loaded.
part = {"name": "", "host": "", "port": 22, "user": None}


def check_host(host_string):
    """Raises OtherHost for another host than the part's. Gives the user that it names, or None."""
    found = parse_host_string(str(host_string))
    port = found["port"]
    if found["host"] not in (part["host"], part["name"]) or port and int(port) != part["port"]:
        end(OtherHost("The fabfile asks for '%s', but this command runs for '%s' alone."
                      % (host_string, part["name"])))
    return found["user"]


def login():
    """Who logs in; None: as the part says. Raises OtherHost where `env` names another host."""
    for each in [env.hosts] if isinstance(env.hosts, str) else list(env.hosts or [])[:1]:
        check_host(each)
    user = check_host(env.host_string) if env.host_string else None
    user = user or env.user
    return None if user == part["user"] else user


def settings(**changed):
    """How `env` and `output` want a command to be run."""
    exports = ["export %s=%s" % (name, _quoted(value)) for name, value in env.shell_env.items()]
    return dict({
        "cwd": env.cwd or None,
        "lcwd": local_folder(),
        "prefixes": exports + list(env.command_prefixes),
        "user": login(),
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
