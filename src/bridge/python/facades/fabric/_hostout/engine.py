"""Questions to the engine on behalf of the command that runs."""

from _hostout import shared_env
from _hostout.channel import request

# Numbers of the commands that run, the innermost last: the engine knows them by these.
_running = []


class running(object):

    def __init__(self, number):
        self.number = number

    def __enter__(self):
        _running.append(self.number)

    def __exit__(self, *_):
        _running.pop()


def ask(name, *args, **options):
    """What the engine answers. `command` is the number of another command than the one that runs."""
    number = options.get("command", _running[-1] if _running else None)
    answer = request("ask", name, number, shared_env.changes(), list(args))
    shared_env.accept(answer["env"])
    return answer["result"]


def current():
    return _running[-1]


def is_nested():
    """Whether the command that runs was called by another."""
    return len(_running) > 1


def is_running():
    """Whether a command runs, which could ask."""
    return bool(_running)
