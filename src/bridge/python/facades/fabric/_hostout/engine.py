"""Requests to the engine on behalf of the running command."""

from _hostout import shared_env
from _hostout.channel import request

# Numbers of the running commands in the engine, the innermost last.
_running = []


class running(object):

    def __init__(self, number):
        self.number = number

    def __enter__(self):
        _running.append(self.number)

    def __exit__(self, *_):
        _running.pop()


def ask(name, *args, **options):
    """The engine's response. `command` is the number of a command other than the running one."""
    number = options.get("command", _running[-1] if _running else None)
    answer = request("ask", name, number, shared_env.changes(), list(args))
    shared_env.accept(answer["env"])
    return answer["result"]


def current():
    return _running[-1]


def is_nested():
    """Whether the running command was called by another."""
    return len(_running) > 1


def is_running():
    """Whether a command is running that could send requests."""
    return bool(_running)
