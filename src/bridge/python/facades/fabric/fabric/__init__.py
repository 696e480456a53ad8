"""What fabfiles know as Fabric, of both its generations. All it does is asked of the engine."""

import importlib

from fabric.version import __version__, get_version

# Of Fabric 2; fabfiles of Fabric 1 need none of it.
_MODERN = ("Config", "Connection", "ConnectionCall", "Executor", "Group", "GroupResult", "Remote", "Result", "SerialGroup", "Task",
           "ThreadingGroup", "task")


def __getattr__(name):
    if name not in _MODERN:
        raise AttributeError("module 'fabric' has no attribute %r" % name)
    return getattr(importlib.import_module("fabric.modern"), name)
