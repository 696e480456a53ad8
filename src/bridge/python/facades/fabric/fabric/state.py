"""`env` and `output`, the shared state of Fabric 1."""

import sys

from _hostout.attributes import AliasDict
from _hostout.shared_env import env
from fabric.exceptions import Aborted

output = AliasDict(
    {
        "status": True,
        "aborts": True,
        "warnings": True,
        "running": True,
        "stdout": True,
        "stderr": True,
        "debug": False,
        "user": True,
        "exceptions": False,
    },
    {
        "everything": ["warnings", "running", "user", "output", "exceptions"],
        "output": ["stdout", "stderr"],
        "commands": ["stdout", "running"],
    },
)

# The engine has the only connection.
connections = {}
commands = {}
env_options = []
win32 = sys.platform == "win32"


def end(error):
    """Ends the run with an `Aborted`, or as `env.abort_exception` says."""
    if env.abort_exception:
        raise env.abort_exception(str(error))
    raise error


def default_channel():
    end(Aborted("default_channel() is not there: the connection is the engine's. Use run(), put(), get()."))
