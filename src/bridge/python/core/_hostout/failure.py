"""Converts exceptions between Python and the engine."""

import sys

# Classes for the engine's refusals: kind, as in src/bridge/refusal.ts -> function of the message.
# Facades add theirs.
CLASSES = {"type-error": TypeError}

# Names of exception classes, from any module, whose text is meant for the user.
USER_ERRORS = {"UserError", "DistutilsError"}


class Refusal(Exception):
    """A refusal for which no facade has a class."""


def raised(error):
    """The exception for an engine's `error`. The engine gets the same error back."""
    exception = CLASSES.get(error["kind"], CLASSES.get("default", Refusal))(error["message"])
    exception._engine_error = error["key"]
    exception.kind = error["kind"]
    return exception


def described(error):
    """An exception in the form that the engine reads."""
    if getattr(error, "_engine_error", None) is not None:
        kind = "engine"
    elif isinstance(error, SystemExit):
        kind = "exit"
    elif isinstance(error, KeyboardInterrupt):
        kind = "interrupt"
    elif any(base.__name__ in USER_ERRORS for base in type(error).__mro__):
        kind = "user"
    else:
        kind = "defect"
    name = type(error).__name__
    if type(error).__module__ not in ("builtins", "__main__"):
        name = "%s.%s" % (type(error).__module__, name)
    return {
        "kind": kind,
        "key": getattr(error, "_engine_error", None),
        "type": name,
        "message": _text(error),
        "status": _status(error) if kind == "exit" else getattr(error, "_exit_status", None),
        "frames": _frames(error),
        "doing": _doing(error),
        "traceback": _traceback(error),
    }


def _text(error):
    if isinstance(error, SyntaxError):
        return str(error.msg)
    if type(error).__str__ is KeyError.__str__ and len(error.args) == 1:
        return repr(error.args[0])
    try:
        # The str() of some classes contains more than the user needs to see.
        return getattr(error, "_told", None) or str(error)
    except Exception as unprintable:
        return "<%s while printing it>" % type(unprintable).__name__


def _status(error):
    """The exit status with which Python would end, or the text that it would print."""
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, (int, str)) else str(error.code)


def _is_ours(file):
    return file.startswith("<hostout>/") or file == "<string>"


def _frames(error):
    """[file, line] of every frame that is not ours, the innermost last."""
    import traceback

    frames = [[frame.filename, frame.lineno]
              for frame in traceback.extract_tb(error.__traceback__)
              if not _is_ours(frame.filename)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append([error.filename, error.lineno])
    return frames


def _doing(error):
    """What the functions said they were doing, in a local variable as in zc.buildout's own functions."""
    import traceback

    doing = []
    for frame, _ in traceback.walk_tb(error.__traceback__):
        text = frame.f_locals.get("__doing__")
        if isinstance(text, tuple) and text:
            text = text[0] % text[1:]
        if isinstance(text, str):
            doing.append(text)
    return doing


def _traceback(error):
    """The traceback, starting at the first frame that is not ours."""
    import traceback

    rest = error.__traceback__
    while rest is not None and _is_ours(rest.tb_frame.f_code.co_filename):
        rest = rest.tb_next
    lines = traceback.format_exception(type(error), error, rest or error.__traceback__)
    return "".join(lines)


def excepthook(kind, error, trace):
    """For exceptions outside of any call."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
