"""Keeps the compiled code of our modules for later runs."""

import marshal
import os


def keep(kept):
    """Writes what was kept before and what this run has compiled."""
    every = dict(kept.codes)
    every.update((name, marshal.dumps(code)) for name, code in kept.added.items())
    codes = marshal.dumps(every)
    file = os.path.join(kept.write, kept.name)
    part = "%s.%d" % (file, os.getpid())
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, kept.mode)
        try:
            with open(descriptor, "wb") as content:
                # Whatever the umask, and whatever a recipe has set it to.
                os.fchmod(descriptor, kept.mode)
                content.write(kept.head + kept.check(codes) + codes)
            os.replace(part, file)
        except BaseException:
            os.unlink(part)
            raise
    except OSError:
        pass  # A full or read-only disk: the next run compiles again.
