"""Keeps `env` the same here and in the engine: what has changed goes along with every crossing."""

import json

from fabric.state import LOCAL, env

# Name -> JSON of what both sides know.
_known = {}


def _json(value):
    """None where it can't be written as JSON."""
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None


def changes():
    """What has changed here since the last crossing; None: nothing."""
    changed = {}
    for name, value in env.items():
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


def accept(changed):
    """Takes over what has changed in the engine."""
    if not changed:
        return
    for name, value in changed["set"].items():
        env[name] = value
        _known[name] = _json(value)
    for name in changed["gone"]:
        env.pop(name, None)
        _known.pop(name, None)
