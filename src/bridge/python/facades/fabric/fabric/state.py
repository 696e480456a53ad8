"""`env` and `output`, the shared state of Fabric 1."""

import sys

from _hostout.shared_env import DEFAULT_SHELL, env
from fabric.exceptions import Aborted
from fabric.network import HostConnectionCache
from fabric.outputs import output

connections = HostConnectionCache()
commands = {}
env_options = []
win32 = sys.platform == "win32"


def end(error):
    """Ends the run with `Aborted`, or with `env.abort_exception`."""
    if env.abort_exception:
        raise env.abort_exception(str(error))
    raise error


def default_channel():
    end(Aborted("default_channel() is not there: the connection is the engine's. Use run(), put(), get()."))
