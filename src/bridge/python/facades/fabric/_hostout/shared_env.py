"""`env`, which is the same here and in the engine: every message contains the changes."""

import json
import os

from _hostout.attributes import AttributeDict
from _hostout.unsaid import unsaid

# Names that only Fabric itself uses, with their initial values. The others come from the
# hostout part, and are shared with fabfiles in TypeScript.
DEFAULT_SHELL = "/bin/bash -l -c"
_DEFAULTS = {
    "_path": "",
    "abort_exception": None,
    "abort_on_prompts": False,
    "again_prompt": "Sorry, try again.",
    "all_hosts": [],
    "always_use_pty": True,
    "colorize_errors": False,
    "combine_stderr": True,
    "command": None,
    "command_prefixes": [],
    "connection_attempts": unsaid(1),
    "cwd": "",
    "dedupe_hosts": True,
    "default_port": "22",
    "disable_known_hosts": False,
    "eagerly_disconnect": False,
    "echo_stdin": True,
    "effective_roles": [],
    "exclude_hosts": [],
    "fabfile": "fabfile",
    "forward_agent": False,
    "gateway": None,
    "gss_auth": None,
    "gss_deleg": None,
    "gss_kex": None,
    "hide": None,
    "hostout": None,
    "keepalive": 0,
    "key": None,
    "key_filename": None,
    "lcwd": "",
    "linewise": False,
    "no_agent": False,
    "no_keys": False,
    "ok_ret_codes": [0],
    "output_prefix": True,
    "parallel": False,
    "passwords": {},
    "path_behavior": "append",
    "pool_size": 0,
    "prompts": {},
    "rcfile": os.path.expanduser("~/.fabricrc"),
    "real_fabfile": None,
    "reject_unknown_hosts": False,
    "remote_interrupt": None,
    "roledefs": {},
    "roles": [],
    "shell": DEFAULT_SHELL,
    "shell_env": {},
    "show": None,
    "skip_bad_hosts": False,
    "skip_unknown_tasks": False,
    "ssh_config_path": unsaid("~/.ssh/config"),
    "sudo_prefix": "sudo -S -p '%(sudo_prompt)s' ",
    "sudo_prompt": "sudo password:",
    "sudo_user": None,
    "sudo_password": None,
    "sudo_passwords": {},
    "superfun": None,
    "system_known_hosts": None,
    "tasks": [],
    "timeout": unsaid(10),
    "command_timeout": None,
    "use_exceptions_for": {"network": False},
    "use_shell": True,
    "use_ssh_config": False,
    "user": None,
    "password": None,
    "host": None,
    "host_string": None,
    "hosts": [],
    "port": None,
    "version": "1.15.0",
    "warn_only": False,
}

_SHARED = {"user", "host", "host_string", "hosts", "port", "password", "roledefs", "roles"}

env = AttributeDict(_DEFAULTS)
env.local_user = os.environ.get("USER") or os.environ.get("LOGNAME")

# Names that are not sent to the engine.
LOCAL = (set(_DEFAULTS) | {"local_user"}) - _SHARED

# Name -> JSON that both sides know; None: nothing is sent.
_known = {}


def keep_apart():
    """From now on, this `env` is a separate copy."""
    global _known
    _known = None


def _json(value):
    """None if it cannot be written as JSON."""
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None


def changes():
    """The changes here since the last message; None if there are none."""
    if _known is None:
        return None
    changed = {}
    for name, value in list(env.items()):
        if name in LOCAL or not isinstance(name, str):
            continue
        text = _json(value)
        if text is not None and _known.get(name) != text:
            _known[name] = text
            changed[name] = value
    gone = [name for name in _known if name not in env]
    for name in gone:
        del _known[name]
    return {"set": changed, "gone": gone} if changed or gone else None


def _fitting(name, value):
    """Options of the part are strings. If Fabric's value of that name has another type, converts it to that type."""
    usual = _DEFAULTS.get(name)
    if not isinstance(value, str) or usual is None or isinstance(usual, str):
        return value
    if isinstance(usual, bool):
        return value.strip().lower() in ("1", "on", "true", "yes")
    if isinstance(usual, int):
        return int(value) if value.strip().isdigit() else usual
    # `roles = web` is not a list that Fabric could use.
    return env.get(name, usual)


def accept(changed):
    """Applies the changes made in the engine."""
    if not changed or _known is None:
        return
    for name, value in changed["set"].items():
        # Ports are strings under Fabric 1.
        env[name] = str(value) if name == "port" and isinstance(value, int) else _fitting(name, value)
        _known[name] = _json(env[name])
    for name in changed["gone"]:
        env.pop(name, None)
        _known.pop(name, None)
