"""Calls from commands to other commands, through the engine: these may be in TypeScript, too.

Arguments, return values and exceptions between commands in Python are the same objects at both ends, though the
engine in between knows only what JSON can express.
"""

import json

from _hostout.engine import ask, current


class Call(object):
    """A call that waits for the engine's response."""

    def __init__(self, args, kwargs):
        self.args = args
        self.kwargs = kwargs
        self.sent = [plain(each) for each in args] + ([plain(kwargs)] if kwargs else [])
        self.returned = None
        self.raised = None


# Waiting calls, the innermost last.
_waiting = []


def plain(value):
    """The value if JSON can express it, otherwise a string."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return str(value)


def call(name, args, kwargs):
    return _call("call", [name], args, kwargs, current())


def call_super(number, args, kwargs):
    """Calls the command that command `number` overrides."""
    return _call("super", [], args, kwargs, number)


def _call(kind, first, args, kwargs, number):
    mine = Call(args, kwargs)
    _waiting.append(mine)
    try:
        value = ask(kind, *first, mine.sent, command=number)
    except BaseException as error:
        if mine.raised is not None and getattr(error, "_engine_error", None) is not None:
            raise mine.raised from None
        raise
    finally:
        _waiting.remove(mine)
    if mine.returned is not None and mine.returned[0] == value:
        return mine.returned[1]
    return _result(value)


def _result(value):
    """Results from TypeScript of commands on the host, in Fabric's form."""
    if isinstance(value, dict) and {"stdout", "stderr"} <= set(value):
        from fabric.results import attributed

        code = value.get("code", value.get("returnCode"))
        command = value.get("command", "")
        return attributed(command, command, dict(value, code=code), [0])
    return value


def received(args):
    """Arguments as the caller gave them: [args, kwargs]."""
    if _waiting and _waiting[-1].sent == args:
        return _waiting[-1].args, _waiting[-1].kwargs
    return args, {}


def run(function, args, kwargs):
    """Runs a command for a waiting caller. Returns the data for the engine."""
    caller = _waiting[-1] if _waiting else None
    try:
        value = function(*args, **kwargs)
    except BaseException as error:
        if caller is not None:
            caller.raised = error
        raise
    told = plain(value)
    if caller is not None:
        caller.returned = (told, value)
        caller.raised = None
    return told
