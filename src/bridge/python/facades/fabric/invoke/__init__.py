"""Invoke as fabfiles know it."""

from invoke.collection import Collection
from invoke.config import Config
from invoke.context import Context, MockContext
from invoke.exceptions import *
from invoke.exceptions import AuthFailure, CommandTimedOut, Exit, Failure, UnexpectedExit
from invoke.executor import Executor
from invoke.program import Program
from invoke.runners import Local, Promise, Result, Runner
from invoke.tasks import Call, Task, call, task
from invoke.terminals import pty_size
from invoke.watchers import FailingResponder, Responder, StreamWatcher

__version__ = "2.2.0"


def run(command, **kwargs):
    return Context().run(command, **kwargs)


def sudo(command, **kwargs):
    return Context().sudo(command, **kwargs)
