"""Names of Fabric 2."""

from fabric.connection import Config, Connection, Result
from fabric.utils import abort
from invoke.tasks import Call as ConnectionCall, Task, task

Executor = None


def _one_host(name):
    def made(*args, **kwargs):
        abort("%s() connects to hosts of its own: name them as hosts of bin/hostout, as in "
              "'bin/hostout -P host1 host2 COMMAND'." % name)

    return made


Group = _one_host("Group")
SerialGroup = _one_host("SerialGroup")
ThreadingGroup = _one_host("ThreadingGroup")
