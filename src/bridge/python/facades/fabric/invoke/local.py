"""Runs commands on this machine, through the engine."""

import shlex

from _hostout.engine import ask
from fabric import host
from invoke.exceptions import UnexpectedExit
from invoke.runners import Result

_HIDES = {"stdout": ("stdout",), "out": ("stdout",), "stderr": ("stderr",), "err": ("stderr",)}


def hidden(hide, settings):
    """The settings, with what `hide` says not shown."""
    groups = ("stdout", "stderr", "running") if hide in (True, "both") else _HIDES.get(hide, ())
    return dict(settings, hidden=sorted(set(settings["hidden"]) | set(groups)))


def exported(command, env):
    """The command with variables in its environment."""
    words = ["export %s=%s" % (name, shlex.quote(str(value))) for name, value in (env or {}).items()]
    return " && ".join(words + [command])


def judged(result, warn):
    if result.failed and not warn:
        raise UnexpectedExit(result)
    return result


def run_local(command, hide=None, warn=False, env=None, shell=None, pty=False, replace_env=False,
              echo=False, **_):
    text = exported(str(command), env)
    if shell:
        text = "%s -c %s" % (shell, shlex.quote(text))
    answer = ask("local", text, hidden(hide, host.settings(user=None)), {"capture": False})
    result = Result(answer["stdout"], answer["stderr"], command=str(command), exited=answer["code"])
    return judged(result, warn)
