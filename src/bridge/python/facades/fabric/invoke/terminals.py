"""The user's terminal."""

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
    """Makes a terminal return each key immediately, without echo."""
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
    """Waits a moment; a stream without a descriptor is always ready. `finished`: nobody reads any longer."""
    try:
        descriptor = input_.fileno()
    except (AttributeError, OSError, ValueError):
        return True
    if input_ is not sys.stdin and not os.isatty(descriptor):
        return True
    return bool(select.select([descriptor], [], [], 0.05)[0]) and not (finished and finished.is_set())
