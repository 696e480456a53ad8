"""Commands and file transfer as functions of Fabric 1."""

import os
import re
import sys
import time

from _hostout.engine import ask
from _hostout.keywords import refuse
from fabric import command_lines as lines, host
# Fabfiles import these from here, since Fabric's own module has them.
from fabric.context_managers import char_buffered, hide, quiet as quiet_manager, settings, warn_only as warn_only_manager
from fabric.network import needs_host, ssh_config
from fabric.remote_commands import local, run, sudo
from fabric.results import _AttributeList, _AttributeString
from fabric.sftp import SFTP
from fabric.state import connections, default_channel, env, output, win32
from fabric.transfer import get, put
from fabric.utils import abort, apply_lcwd, error, handle_prompt_abort, indent, warn


def prompt(text, key=None, default="", validate=None):
    """Asks on the terminal. Also stores the answer in `env[key]`."""
    handle_prompt_abort("a user-specified prompt() call")
    if key and env.get(key):
        default = env[key]
    shown = text.strip() + ("" if default == "" or default is None else " [%s]" % str(default).strip())
    preset = env.prompts.get(shown + " ", env.prompts.get(shown, env.prompts.get(text)))
    while True:
        answer = (ask("ask", shown, False) if preset is None else preset) or default
        if validate is None:
            break
        if callable(validate):
            try:
                answer = validate(answer)
                break
            except Exception as problem:
                print("Validation failed for the following reason:")
                print(indent(str(problem)) + "\n")
        else:
            pattern = validate if validate.startswith("^") else "^" + validate
            pattern = pattern if pattern.endswith("$") else pattern + "$"
            if re.search(pattern, str(answer)):
                break
            print("Regular expression validation failed: '%s' does not match '%s'\n" % (answer, validate))
        if preset is not None:
            abort("The answer in env.prompts to '%s' is not valid." % shown)
    if key:
        env[key] = answer
    return answer


def require(*keys, **kwargs):
    """Aborts unless `env` has all of these; `used_for` and `provided_by` explain what to do."""
    refuse("require", {name: value for name, value in kwargs.items() if name not in ("used_for", "provided_by")})
    missing = [key for key in keys
               if key not in env or isinstance(env[key], (dict, list, tuple, set)) and not env[key]]
    if not missing:
        return
    text = "The command needs %s in env" % ", ".join("'%s'" % key for key in missing)
    if kwargs.get("used_for"):
        text += " for %s" % kwargs["used_for"]
    text += ": set it as an option of the hostout part"
    providers = kwargs.get("provided_by")
    if providers:
        providers = providers if isinstance(providers, (list, tuple)) else [providers]
        names = [getattr(each, "name", None) or getattr(each, "__name__", str(each)) for each in providers]
        text += ", or run %s first" % " or ".join("'%s'" % name for name in names)
    abort(text + ".")


def open_shell(command=None):
    """A login shell on the terminal; first types `command` into it."""
    if not (sys.stdin and sys.stdin.isatty()):
        abort("open_shell() needs a terminal: use ssh %s." % host.part["host"])
    from fabric.connection import Connection
    from fabric.runners import typed_first

    connection = Connection(host.host_string())
    connection._set(call_settings=lambda hidden=(): host.settings(hidden=list(hidden)))
    if command:
        connection.config.runners.remote = typed_first(str(command))
    connection.shell()


def reboot(wait=120, command="reboot", use_sudo=True):
    """Restarts the host, and waits up to `wait` seconds until it accepts logins again."""
    ask("reboot", str(command), int(wait), host.settings(), bool(use_sudo))


_shell_escape = lines.escaped
_sudo_prefix = lines.sudo_prefix


def _shell_wrap(command, shell_escape, shell=True, sudo_prefix=None):
    wrapped = lines.in_shell(lines.shell() if shell and env.use_shell else None, command, shell_escape)
    return wrapped if sudo_prefix is None else "%s %s" % (sudo_prefix, wrapped)


def _prefix_commands(command, which):
    return lines.after_prefixes(command, env.cwd if which == "remote" else env.lcwd)


def _prefix_env_vars(command, local=False):
    return lines.with_variables(command)


def _run_command(command, shell=True, pty=True, combine_stderr=True, sudo=False, user=None, quiet=False, warn_only=False,
                 stdout=None, stderr=None, group=None, timeout=None, shell_escape=None, capture_buffer_size=None):
    if sudo:
        return _sudo(command, shell, pty, combine_stderr, user, quiet, warn_only, stdout, stderr, group, timeout,
                     shell_escape, capture_buffer_size)
    return run(command, shell, pty, combine_stderr, quiet, warn_only, stdout, stderr, timeout, shell_escape,
               capture_buffer_size)


_sudo = sudo
