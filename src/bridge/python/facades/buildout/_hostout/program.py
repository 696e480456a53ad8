"""The command `buildout` of this engine."""

import os
import sys

import zc.buildout


def path():
    """That of the buildout that runs, or else the one that BUILDOUT names or PATH has."""
    import shutil

    for command in (sys.argv[0], os.environ.get("BUILDOUT"), shutil.which("buildout")):
        if command and os.path.basename(command) == "buildout" and os.access(command, os.X_OK):
            return os.path.abspath(command)
    raise zc.buildout.UserError(
        "There is no command buildout. Name it in the environment variable BUILDOUT.")
