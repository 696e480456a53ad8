"""For documentation of fabfiles."""

from fabric.tasks import WrappedCallableTask


def unwrap_tasks(module, hide_nontasks=False):
    """Replaces tasks with their functions; `hide_nontasks` hides the others with an underscore."""
    tasks = {name: value for name, value in vars(module).items() if isinstance(value, WrappedCallableTask)}
    for task in tasks.values():
        setattr(module, task.name, task.wrapped)
    if not hide_nontasks:
        return
    shown = {task.name for task in tasks.values()} | set(tasks)
    for name, value in list(vars(module).items()):
        if name not in shown and not name.startswith("_") and getattr(value, "__doc__", None):
            setattr(module, "_" + name, value)
            delattr(module, name)
