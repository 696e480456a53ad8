"""The terminal of the person who watches."""

import contextlib
import os
import select
import shutil
import sys


def pty_size():
    size = shutil.get_terminal_size((80, 24))
    return size.columns, size.lines


@contextlib.contextmanager
def character_buffered(stream):
    """A terminal gives every key at once, and shows none by itself."""
    if not (hasattr(stream, "isatty") and stream.isatty()):
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(stream)
    tty.setcbreak(stream)
    try:
        yield
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def ready_for_reading(input_, finished=None):
    """Waits a moment; a stream without a descriptor is always ready. `finished`: nobody reads any more."""
    try:
        descriptor = input_.fileno()
    except (AttributeError, OSError, ValueError):
        return True
    if input_ is not sys.stdin and not os.isatty(descriptor):
        return True
    return bool(select.select([descriptor], [], [], 0.05)[0]) and not (finished and finished.is_set())
