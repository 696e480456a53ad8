"""Tasks of Fabric 2: those of Invoke, with hosts."""

from invoke.tasks import Call as ConnectionCall, Task as InvokeTask, task as _task


class Task(InvokeTask):

    __module__ = "fabric.tasks"

    def __init__(self, *args, **kwargs):
        self.hosts = kwargs.pop("hosts", None)
        super().__init__(*args, **kwargs)


def task(*args, **kwargs):
    kwargs.setdefault("klass", Task)
    return _task(*args, **kwargs)
