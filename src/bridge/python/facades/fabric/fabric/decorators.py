"""Decorators for the functions of fabfiles."""

import functools

from _hostout.engine import ask
from fabric import tasks
from fabric.context_managers import settings


def task(*args, **kwargs):
    """`@task`, or `@task(alias=..., aliases=..., default=..., name=..., task_class=...)`."""
    invoked = bool(not args or kwargs)
    task_class = kwargs.pop("task_class", tasks.WrappedCallableTask)
    function = None if invoked else args[0]
    rest = args if invoked else args[1:]

    def wrapper(func):
        return task_class(func, *rest, **kwargs)

    return wrapper if invoked else wrapper(function)


def _noted(**attributes):
    def decorator(function):
        for name, value in attributes.items():
            setattr(function, name, value)
        return function

    return decorator


def _flat(values):
    return list(values[0]) if len(values) == 1 and not isinstance(values[0], str) else list(values)


def hosts(*host_list):
    """The hosts that the task runs on, regardless of the host on the command line."""
    return _noted(hosts=_flat(host_list))


def roles(*role_list):
    """The same, for the hosts of these roles in `env.roledefs`."""
    return _noted(roles=_flat(role_list))


def serial(func):
    return _noted(serial=True, parallel=False)(func)


def parallel(pool_size=None):
    if callable(pool_size) or isinstance(pool_size, tasks.Task):
        return _noted(serial=False, parallel=True)(pool_size)
    return _noted(serial=False, parallel=True, pool_size=pool_size)


def _wrapped(func, make):
    """The decorated function, as a task if it was one."""
    inner = func.wrapped if isinstance(func, tasks.WrappedCallableTask) else func
    new = functools.wraps(inner)(make(inner))
    if inner is func:
        return new
    made = tasks.WrappedCallableTask(new, aliases=func.aliases, default=func.is_default, name=func.name)
    made.__dict__.update({key: value for key, value in func.__dict__.items()
                          if key in ("serial", "parallel", "hosts", "roles")})
    return made


def runs_once(func):
    """Runs at the first call, on the first host; the others get its return value."""
    def make(inner):
        key = "%s:%s" % (getattr(inner.__code__, "co_filename", ""), inner.__qualname__) \
            if hasattr(inner, "__code__") else repr(inner)

        def decorated(*args, **kwargs):
            if not hasattr(decorated, "return_value"):
                known = ask("once", key)
                if known is not None:
                    decorated.return_value = known["value"]
                else:
                    try:
                        decorated.return_value = inner(*args, **kwargs)
                    except BaseException:
                        ask("once-failed", key)
                        raise
                    ask("once-done", key, _plain(decorated.return_value))
            return decorated.return_value

        return decorated

    return _wrapped(func, make)


def _plain(value):
    from _hostout.shared_env import _json

    return value if _json(value) is not None else None


def with_settings(*arg_settings, **kw_settings):
    """Runs the function inside `settings(...)`."""
    def outer(func):
        def make(inner):
            def decorated(*args, **kwargs):
                with settings(*arg_settings, **kw_settings):
                    return inner(*args, **kwargs)

            return decorated

        return _wrapped(func, make)

    return outer


def needs_host(func):
    return func
