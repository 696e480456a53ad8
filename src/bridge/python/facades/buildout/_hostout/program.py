"""The command `buildout` of this engine."""

import os
import sys

import zc.buildout


def path():
    """The one of the current buildout, otherwise the one in BUILDOUT or on PATH."""
    import shutil

    for command in (sys.argv[0], os.environ.get("BUILDOUT"), shutil.which("buildout")):
        if command and os.path.basename(command) == "buildout" and os.access(command, os.X_OK):
            return os.path.abspath(command)
    raise zc.buildout.UserError(
        "There is no command buildout. Name it in the environment variable BUILDOUT.")
