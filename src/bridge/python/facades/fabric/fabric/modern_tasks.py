"""Tasks of Fabric 2: those of Invoke, with hosts."""

import inspect

from _hostout.keywords import refuse
from invoke.tasks import Call as ConnectionCall, Task as InvokeTask, task as _task


class Task(InvokeTask):

    __module__ = "fabric.tasks"

    def __init__(self, *args, **kwargs):
        self.hosts = kwargs.pop("hosts", None)
        super().__init__(*args, **kwargs)


def task(*args, **kwargs):
    if kwargs.setdefault("klass", Task) is Task:
        known = ["hosts", "klass"] + list(inspect.signature(InvokeTask.__init__).parameters)
        refuse("Task.__init__", {name: value for name, value in kwargs.items() if name not in known})
    return _task(*args, **kwargs)
