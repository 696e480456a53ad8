"""Tasks of Fabric 1: commands with a name of their own."""

import inspect

from fabric.context_managers import settings
from fabric.state import env
from fabric.utils import abort


class Task(object):
    """A command as a class: `run` is what it does."""

    name = "undefined"
    use_task_objects = True
    aliases = None
    is_default = False

    def __init__(self, alias=None, aliases=None, default=False, name=None, *args, **kwargs):
        self.aliases = ([alias] if alias is not None else []) + list(aliases or [])
        if name is not None:
            self.name = name
        self.is_default = default

    def __details__(self):
        return get_task_details(self.run)

    def run(self):
        raise NotImplementedError

    def get_hosts_and_effective_roles(self, *args, **kwargs):
        return list(env.hosts), []


class WrappedCallableTask(Task):

    def __init__(self, callable, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.wrapped = callable
        if self.name == "undefined":
            self.name = callable.__name__
        self.__name__ = callable.__name__
        self.__doc__ = callable.__doc__
        self.__module__ = callable.__module__
        self.__wrapped__ = callable

    def __call__(self, *args, **kwargs):
        return self.run(*args, **kwargs)

    def run(self, *args, **kwargs):
        return self.wrapped(*args, **kwargs)

    def __getattr__(self, name):
        if name == "wrapped":
            raise AttributeError(name)
        return getattr(self.wrapped, name)


def get_task_details(task):
    return "%s\nArguments: %s" % (inspect.getdoc(task) or "No docstring provided", inspect.signature(task))


def _found(task):
    """What `execute` is to run: a task, a function, or the name of a command."""
    if callable(task) or isinstance(task, Task):
        return task
    commands = env.hostout
    if commands is not None and str(task) in commands.allcmds():
        return getattr(commands, str(task))
    abort("There is no task '%s'." % task)


def _flat(hosts):
    if isinstance(hosts, str):
        return [each.strip() for each in hosts.split(";" if ";" in hosts else ",") if each.strip()]
    return list(hosts or [])


def _of_roles(roles):
    found = []
    for role in _flat(roles):
        if role not in env.roledefs:
            abort("There is no role '%s' in env.roledefs." % role)
        value = env.roledefs[role]
        value = value() if callable(value) else value
        found.extend(_flat(value.get("hosts") if isinstance(value, dict) else value))
    return found


def execute(task, *args, **kwargs):
    """Runs a task on the hosts that are named, else on the host of this command. Gives {host string: what it returned}."""
    hosts = _flat(kwargs.pop("hosts", None)) + _flat(kwargs.pop("host", None))
    roles = _flat(kwargs.pop("roles", None)) + _flat(kwargs.pop("role", None))
    excluded = _flat(kwargs.pop("exclude_hosts", None))
    found = _found(task)
    function = found.run if isinstance(found, Task) else found
    wanted = [each for each in hosts + _of_roles(roles) if each not in excluded]
    if not wanted:
        return {env.host_string or "<local-only>": function(*args, **kwargs)}
    results = {}
    for each in wanted:
        with settings(host_string=each):
            results[each] = function(*args, **kwargs)
    return results


def requires_parallel(task):
    return False


class _ForkedTask(Task):
    pass


def __getattr__(name):
    """Names of Fabric 2."""
    if name not in ("ConnectionCall", "task"):
        raise AttributeError("module 'fabric.tasks' has no attribute %r" % name)
    from fabric import modern_tasks

    return getattr(modern_tasks, name)
