"""Fabric as fabfiles know it, both Fabric 1 and Fabric 2. The engine does all the work."""

import importlib

from fabric.version import __version__, get_version

# For Fabric 2; fabfiles of Fabric 1 need none of it.
_MODERN = ("Config", "Connection", "ConnectionCall", "Executor", "Group", "GroupResult", "Remote", "Result", "SerialGroup", "Task",
           "ThreadingGroup", "task")


def __getattr__(name):
    if name not in _MODERN:
        raise AttributeError("module 'fabric' has no attribute %r" % name)
    return getattr(importlib.import_module("fabric.modern"), name)
