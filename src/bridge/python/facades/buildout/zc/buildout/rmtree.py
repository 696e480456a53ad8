"""Removes directories with everything in them, even if their permissions forbid it."""

import os
import stat

from _hostout import absent, imported


def _permit(function, path, problem):
    """Makes the entry and its directory writable and tries again."""
    for entry in (os.path.dirname(path), path):
        if not os.path.islink(entry):
            os.chmod(entry, os.stat(entry).st_mode | stat.S_IRWXU)
    if function in (os.unlink, os.rmdir):
        function(path)
    else:
        rmtree(path)


def rmtree(path):
    """Removes the directory and everything in it."""
    import shutil

    shutil.rmtree(path, onerror=_permit)


absent.fill(__name__, globals())
imported.fill(__name__, globals())
