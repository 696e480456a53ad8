"""`run`, `sudo` and `local` of Fabric 1."""

import os
import re
import shlex
import sys

from _hostout.engine import ask
from fabric import command_lines as lines, host
from fabric.context_managers import hide, quiet as quiet_manager, settings
from fabric.exceptions import CommandFailed
from fabric.results import attributed
from fabric.state import end, env, output
from fabric.utils import isatty, warn


def failure_text(command, code, where):
    return "'%s' ended with status %s on %s." % (command, code, where)


def _judged(result, where):
    if result.failed:
        text = failure_text(result.command, result.return_code, where)
        if env.warn_only:
            warn(text)
        else:
            failure = CommandFailed(text + _unseen(result))
            failure.result = result
            end(failure)
    return result


def _unseen(result):
    """Hidden output of a failed command."""
    told = [text for name, text in (("stdout", result), ("stderr", result.stderr)) if text and not output[name]]
    return "".join("\n" + str(text) for text in told)


def _written(streams):
    """For streams of the fabfile, with the same prefix as lines on the terminal."""
    for name, stream, text in streams:
        if stream is None or not output[name]:
            continue
        prefix = "[%s] %s: " % (host.host_string(), name[3:]) if env.output_prefix else ""
        # A line break starts the next line, which may remain empty.
        stream.write("\n".join(prefix + line for line in re.split("\r?\n", text)) + "\n" if text else "")


def _as_sudo(user, group, rest):
    """The engine's settings for a command with sudo."""
    return {
        "line": lines.sudo_prefix(user, group, "\0prompt") + " " + rest,
        "user": lines.sudo_name(user),
        "group": lines.sudo_name(group),
        "password": host.sudo_password(host.host_string()),
    }


def _remote(command, shell, pty, combine_stderr, stdout, stderr, timeout, shell_escape, capture_buffer_size,
            as_root=None):
    if shell_escape is None:
        shell_escape = env.get("shell_escape", True)
    wrapper = lines.shell() if shell and env.use_shell else None
    text = lines.in_context(command)
    wrapped = lines.in_shell(wrapper, text, shell_escape)
    sudo_line = None
    if as_root is not None:
        begun = "\0begun" if wrapper else ""
        sudo_line = _as_sudo(as_root[0], as_root[1], lines.in_shell(wrapper, text, shell_escape, begun))
    hidden = [name for name, stream in (("stdout", stdout), ("stderr", stderr)) if stream is not None]
    with hide(*hidden):
        answer = ask("classic-run", host.settings(), {
            "text": wrapped,
            "label": wrapped if output.debug else command,
            "pty": bool(pty and env.always_use_pty),
            "combined": bool(env.combine_stderr if combine_stderr is None else combine_stderr),
            "timeout": env.command_timeout if timeout is None else timeout,
            "prompts": [[question, str(answer)] for question, answer in env.prompts.items()],
            "sudo": sudo_line,
        })
    if capture_buffer_size is not None:
        for name in ("stdout", "stderr"):
            answer[name] = answer[name][-capture_buffer_size:] if capture_buffer_size else ""
    shown = wrapped if as_root is None else lines.sudo_prefix(as_root[0], as_root[1]) + " " + wrapped
    result = attributed(command, shown, answer, env.ok_ret_codes)
    _written((("stdout", stdout, answer["stdout"]), ("stderr", stderr, answer["stderr"])))
    return _judged(result, host.part["name"])


def _quietly(quiet, warn_only):
    if quiet:
        return quiet_manager()
    return settings(warn_only=True) if warn_only else settings()


def run(command, shell=True, pty=True, combine_stderr=None, quiet=False, warn_only=False, stdout=None,
        stderr=None, timeout=None, shell_escape=None, capture_buffer_size=None):
    """Runs a shell command on the host as the login user."""
    with _quietly(quiet, warn_only):
        return _remote(command, shell, pty, combine_stderr, stdout, stderr, timeout, shell_escape,
                       capture_buffer_size)


def sudo(command, shell=True, pty=True, combine_stderr=None, user=None, quiet=False, warn_only=False,
         stdout=None, stderr=None, group=None, timeout=None, shell_escape=None,
         capture_buffer_size=None):
    """The same as root, or as `user`, through sudo."""
    with _quietly(quiet, warn_only):
        return _remote(command, shell, pty, combine_stderr, stdout, stderr, timeout, shell_escape,
                       capture_buffer_size, as_root=(user or env.sudo_user, group))


def local(command, capture=False, shell=None):
    """Runs a shell command on this machine. Its output is shown, or captured for the result."""
    command = str(command)
    text = lines.in_local_context(command)
    if output.running:
        ask("show-local", text if output.debug else command)
    line = "exec %s -c %s" % (shell, shlex.quote(text)) if shell else text
    with hide("running"):
        terminal = bool(isatty(sys.stdin) and isatty(sys.stdout) and not env.parallel)
        answer = ask("local", line, host.settings(user=None, lcwd=os.getcwd()),
                     {"capture": capture, "terminal": terminal})
    if not capture:
        answer.update(stdout="", stderr="")
    return _judged(attributed(command, text, answer, env.ok_ret_codes), "this machine")
