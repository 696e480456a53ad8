"""Keeps the environment variables of the worker and the engine the same."""

import os

_known = dict(os.environ)


def changes():
    """The changes here since the last time: name -> value, or None if it was removed."""
    now = dict(os.environ)
    if now == _known:
        return None
    changed = {name: value for name, value in now.items() if _known.get(name) != value}
    changed.update((name, None) for name in _known if name not in now)
    _known.clear()
    _known.update(now)
    return changed


def accept(changed):
    """Applies the changes made in the engine."""
    for name, value in changed.items():
        if value is None:
            os.environ.pop(name, None)
            _known.pop(name, None)
        else:
            os.environ[name] = _known[name] = value
