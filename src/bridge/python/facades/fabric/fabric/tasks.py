"""Tasks of Fabric 1: commands with a name of their own."""

import functools
import inspect
import os

from _hostout.forks import run_each
from _hostout.keywords import refuse
from fabric.context_managers import settings
from fabric.exceptions import NetworkError
from fabric.network import log_out, to_dict
from fabric.state import env
from fabric.task_utils import merge, parse_kwargs
from fabric.utils import abort, error, warn


class Task(object):
    """A command as a class: its function is `run`."""

    name = "undefined"
    use_task_objects = True
    aliases = None
    is_default = False

    def __init__(self, alias=None, aliases=None, default=False, name=None, *args, changes=False, example=None, **kwargs):
        refuse("task", dict({"%d. argument" % (at + 5): each for at, each in enumerate(args)}, **kwargs))
        self.aliases = ([alias] if alias is not None else []) + list(aliases or [])
        if name is not None:
            self.name = name
        self.is_default = default
        # Our addition: it runs only while the deployment has the host's lock.
        if changes:
            self.changes = True
        if example is not None:
            self.example = example

    def __details__(self):
        return get_task_details(self.run)

    def run(self):
        raise NotImplementedError

    def get_hosts_and_effective_roles(self, arg_hosts, arg_roles, arg_exclude_hosts, env=None):
        """The hosts to run on: from the call, otherwise from the decorators, otherwise from `env`."""
        given = env or {}
        for hosts, roles, excluded in (
                (arg_hosts, arg_roles, arg_exclude_hosts),
                (getattr(self, "hosts", []), getattr(self, "roles", []), arg_exclude_hosts)):
            if hosts or roles:
                return merge(hosts, roles, excluded, given.get("roledefs", {})), roles
        hosts, roles, excluded = (given.get(name, []) for name in ("hosts", "roles", "exclude_hosts"))
        return merge(hosts, roles, excluded, given.get("roledefs", {})), roles

    def get_pool_size(self, hosts, default):
        return min(int(getattr(self, "pool_size", None) or default or len(hosts)), len(hosts))


class WrappedCallableTask(Task):

    def __init__(self, callable, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.wrapped = callable
        if self.name == "undefined":
            self.name = getattr(callable, "__name__", self.name)
        self.__name__ = self.name
        self.__doc__ = callable.__doc__
        self.__module__ = getattr(callable, "__module__", None)
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
    """The task for an argument of `execute`: a task, a function, or the name of a command."""
    if callable(task) or isinstance(task, Task):
        return task
    commands = env.hostout
    if commands is not None and str(task) in commands.allcmds():
        return getattr(commands, str(task))
    if not env.skip_unknown_tasks:
        abort("There is no task '%s'." % task)
    warn("'%s' is not callable or a valid task name" % task)
    return None


def execute(task, *args, **kwargs):
    """Runs a task on each of its hosts. Returns {host string: result}."""
    arguments, hosts, roles, excluded = parse_kwargs(kwargs)
    found = _found(task)
    if found is None:
        return None
    if not isinstance(found, Task):
        found = WrappedCallableTask(found)
    name = task if isinstance(task, str) else found.name
    wanted, effective = found.get_hosts_and_effective_roles(hosts, roles, excluded, env)
    facts = {"clean_revert": True, "command": name, "all_hosts": wanted, "effective_roles": effective}
    if not wanted:
        with settings(**facts):
            return {"<local-only>": found.run(*args, **arguments)}

    def at(host, **more):
        with settings(**dict(to_dict(host), **dict(facts, **more))):
            return found.run(*args, **arguments)

    if requires_parallel(found) and hasattr(os, "fork"):
        return _at_once(at, wanted, found.get_pool_size(wanted, env.pool_size), name)
    results = {}
    for each in wanted:
        try:
            results[each] = at(each)
        except NetworkError as problem:
            if not _is_ignored(problem):
                raise
            warn(str(problem))
            results[each] = problem
        if env.eagerly_disconnect:
            log_out(each)
    return results


def _at_once(at, hosts, pool_size, name):
    """Runs it for each host in a separate process, as Fabric does: these cannot prompt or change `env` here."""
    alone = {"parallel": True, "linewise": True, "abort_on_prompts": True}
    outcomes = run_each([functools.partial(at, each, **alone) for each in hosts], pool_size)
    results = dict(zip(hosts, outcomes))
    failed = {host: problem for host, problem in results.items() if isinstance(problem, BaseException)}
    for host, problem in failed.items():
        if _is_ignored(problem):
            warn(str(problem))
    texts = ["%s: %s" % (host, problem) for host, problem in failed.items() if not _is_ignored(problem)]
    if texts:
        error("One or more hosts failed while executing task '%s'\n%s" % (name, "\n".join(texts)))
    return results


def _is_ignored(problem):
    return isinstance(problem, NetworkError) and not env.use_exceptions_for["network"] and env.skip_bad_hosts


def requires_parallel(task):
    """Whether `execute` runs a task on its hosts in parallel."""
    wanted = env.parallel and not getattr(task, "serial", False)
    return bool(wanted or getattr(task, "parallel", False))


class _ForkedTask(Task):
    pass


def __getattr__(name):
    """Names of Fabric 2."""
    if name not in ("ConnectionCall", "task"):
        raise AttributeError("module 'fabric.tasks' has no attribute %r" % name)
    from fabric import modern_tasks

    return getattr(modern_tasks, name)
