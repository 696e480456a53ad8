"""Commands and files, as functions of Fabric 1."""

import re
import shlex

from _hostout.engine import ask
from fabric import host
from fabric.context_managers import hide, quiet as quiet_manager, settings
from fabric.exceptions import CommandFailed
from fabric.results import _AttributeList, _AttributeString, attributed
from fabric.state import end, env
from fabric.transfer import get, put
from fabric.utils import abort, handle_prompt_abort, indent, warn


def failure_text(command, code, where):
    return "'%s' ended with status %s on %s." % (command, code, where)


def _judged(result, where, warn_only):
    if result.failed:
        text = failure_text(result.command, result.return_code, where)
        if warn_only or env.warn_only:
            warn(text)
        else:
            failure = CommandFailed(text)
            failure.result = result
            end(failure)
    return result


def _written(result, stdout, stderr):
    for stream, text in ((stdout, str(result)), (stderr, result.stderr)):
        if stream is not None and text:
            stream.write(text + "\n")


def _remote(command, sudo, user, group, shell, pty, combine_stderr, quiet, warn_only, stdout, stderr,
            timeout):
    command = str(command)
    text = "sg %s -c %s" % (shlex.quote(str(group)), shlex.quote(command)) if group else command
    options = {
        "sudo": sudo,
        "as": str(user) if user else None,
        "shell": shell and env.use_shell,
        "pty": pty is True,
        "timeout": timeout if timeout is not None else env.command_timeout,
    }
    with quiet_manager() if quiet else settings():
        if stdout is not None:
            with hide("stdout"):
                answer = host.execute(text, options)
        else:
            answer = host.execute(text, options)
        if env.combine_stderr if combine_stderr is None else combine_stderr:
            answer["stdout"] += answer["stderr"]
            answer["stderr"] = ""
        result = attributed(command, answer["command"], answer, env.ok_ret_codes)
        _written(result, stdout, stderr)
        return _judged(result, host.part["name"], quiet or warn_only)


def run(command, shell=True, pty=None, combine_stderr=None, quiet=False, warn_only=False, stdout=None,
        stderr=None, timeout=None, shell_escape=None, capture_buffer_size=None):
    """Runs a shell command on the host as the login user."""
    return _remote(command, False, None, None, shell, pty, combine_stderr, quiet, warn_only, stdout,
                   stderr, timeout)


def sudo(command, shell=True, pty=None, combine_stderr=None, user=None, quiet=False, warn_only=False,
         stdout=None, stderr=None, group=None, timeout=None, shell_escape=None,
         capture_buffer_size=None):
    """The same as root, or as `user`, through sudo."""
    return _remote(command, True, user or env.sudo_user, group, shell, pty, combine_stderr, quiet,
                   warn_only, stdout, stderr, timeout)


def local(command, capture=False, shell=None):
    """Runs a shell command on this machine. Its output is shown, or captured for the result."""
    command = str(command)
    text = "%s -c %s" % (shell, shlex.quote(command)) if shell else command
    answer = ask("local", text, host.settings(user=None), {"capture": capture})
    if not capture:
        answer.update(stdout="", stderr="")
    result = attributed(command, text, answer, env.ok_ret_codes)
    return _judged(result, "this machine", False)


def prompt(text, key=None, default="", validate=None):
    """Asks on the terminal. The answer goes to `env[key]`, too."""
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
    lists = ("host", "hosts", "host_string", "roles")
    missing = [key for key in keys if env.get(key) is None or key in lists and not env[key]]
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
    """There is no terminal to hand over."""
    abort("open_shell() needs a terminal on the host, which commands do not have: use ssh %s."
          % host.part["host"])


def reboot(wait=120, command="reboot", use_sudo=True):
    """Restarts the host, and waits up to `wait` seconds until it lets in again."""
    ask("reboot", str(command), int(wait), host.settings(), use_sudo)


def _shell_escape(text):
    return re.sub(r'(["$`])', r"\\\1", text)


def _shell_wrap(command, shell_escape, shell=True, sudo_prefix=None):
    return '%s "%s"' % (env.shell, _shell_escape(command)) if shell else command


def _prefix_commands(command, which):
    prefixes = list(env.command_prefixes)
    folder = env.cwd if which == "remote" else env.lcwd
    if folder:
        prefixes.insert(0, "cd %s" % folder)
    return " && ".join(prefixes + [command])


def _prefix_env_vars(command, local=False):
    return command
