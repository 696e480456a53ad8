"""Options of sections that the engine has passed on: most reads and writes need no request.

The engine sends a section again when it has changed it. It learns with the next message which options were read
and set here.
"""

import sys

from _hostout import channel
from _hostout.channel import request

# Section -> option -> value; None: the engine has to be asked.
_known = {}

_read = []
_set = []


def changes():
    """What was read and set here since the last time."""
    if not (_read or _set):
        return None
    done = {"read": _read[:], "set": _set[:]}
    del _read[:len(done["read"])], _set[:len(done["set"])]
    return done


def accept(changed):
    """Takes over the sections that the engine has changed."""
    for section, options in changed.items():
        known = dict(options)
        # Other threads may have set them in the meantime.
        known.update((option, value) for name, option, value in _set if name == section)
        _known[section] = known


def read(section, option):
    """The value, or None if the option is not set."""
    known = _known.get(section)
    if known is None:
        return request("option", section, option)
    if option not in known:
        return None
    value = known[option]
    if value is None:
        return request("option", section, option)
    use = [section, option]
    if use not in _read:
        _read.append(use)
    return value


def write(section, option, value):
    known = _known.get(section)
    if known is None:
        request("set-option", section, option, value)
    else:
        known[option] = value
        _set.append([section, option, value])


def names(section):
    known = _known.get(section)
    return request("options", section) if known is None else list(known)


channel.SHARED["options"] = sys.modules[__name__]
