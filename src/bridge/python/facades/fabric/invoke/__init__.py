"""What fabfiles know as Invoke. All it does is asked of the engine."""

from invoke.collection import Collection
from invoke.config import Config
from invoke.context import Context, MockContext
from invoke.exceptions import *
from invoke.exceptions import AuthFailure, CommandTimedOut, Exit, Failure, UnexpectedExit
from invoke.local import run_local as run
from invoke.runners import Promise, Result
from invoke.tasks import Call, Task, call, task
from invoke.watchers import FailingResponder, Responder, StreamWatcher

__version__ = "2.2.0"


def sudo(command, **kwargs):
    return run("sudo " + command, **kwargs)
