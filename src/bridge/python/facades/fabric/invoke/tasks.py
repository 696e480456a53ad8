"""Tasks whose first argument is the connection."""

import functools
import inspect

_EMPTY = inspect.Parameter.empty


class Task(object):

    def __init__(self, body, name=None, aliases=(), positional=None, optional=(), default=False,
                 auto_shortflags=True, help=None, pre=None, post=None, autoprint=False, iterable=None,
                 incrementable=None, hosts=None):
        functools.update_wrapper(self, body)
        self.body = body
        self.name = name or body.__name__
        self.aliases = tuple(aliases)
        self.positional = positional
        self.optional = tuple(optional)
        self.is_default = default
        self.help = help or {}
        self.pre = list(pre or [])
        self.post = list(post or [])
        self.autoprint = autoprint
        self.iterable = list(iterable or [])
        self.incrementable = list(incrementable or [])
        self.hosts = hosts
        self.called = False

    def __call__(self, *args, **kwargs):
        result = self.body(*args, **kwargs)
        self.called = True
        return result

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def parameters(self):
        """Those behind the connection."""
        return list(inspect.signature(self.body).parameters.values())[1:]


class Call(object):
    """A task with arguments, for `pre` and `post`."""

    def __init__(self, task, args=(), kwargs=None):
        self.task = task
        self.args = tuple(args)
        self.kwargs = dict(kwargs or {})


def call(task, *args, **kwargs):
    return Call(task, args, kwargs)


def task(*args, **kwargs):
    """`@task`, `@task(pre, tasks)`, or `@task(name=..., pre=[...], help={...}, ...)`."""
    klass = kwargs.pop("klass", Task)
    if len(args) == 1 and callable(args[0]) and not isinstance(args[0], (Task, Call)) and not kwargs:
        return klass(args[0])
    if args:
        kwargs["pre"] = list(args) + list(kwargs.get("pre") or [])
    kwargs.pop("incrementable_flags", None)
    return lambda body: klass(body, **kwargs)


def run(task, connection, args, kwargs):
    """Runs a task, and those before and after it."""
    done = set()
    _run_all(task.pre, connection, done)
    result = task(connection, *args, **kwargs)
    _run_all(task.post, connection, done)
    if task.autoprint:
        print(result)
    return result


def _run_all(calls, connection, done):
    for each in calls:
        made = each if isinstance(each, Call) else Call(each)
        key = (made.task, repr(made.args), repr(made.kwargs))
        if key in done:
            continue
        done.add(key)
        _run_all(made.task.pre, connection, done)
        made.task(connection, *made.args, **made.kwargs)
        _run_all(made.task.post, connection, done)


def arguments(task, words):
    """Words of the command line as arguments.

    `--name value`, `--name=value`, `--flag`, `--no-flag`, `-n value`; the others in their order.
    """
    parameters = task.parameters()
    flags = {}
    for parameter in parameters:
        name = parameter.name.replace("_", "-").strip("-")
        flags["--" + name] = parameter
        if parameter.default is True:
            flags["--no-" + name] = parameter
        flags.setdefault("-" + name[0], parameter)
    args, kwargs = [], {}
    words = list(words)
    while words:
        word = words.pop(0)
        flag, sign, value = word.partition("=") if isinstance(word, str) else (None, "", "")
        parameter = flags.get(flag)
        if parameter is None:
            args.append(word)
            continue
        name, default = parameter.name, parameter.default
        if isinstance(default, bool) and not sign:
            kwargs[name] = not flag.startswith("--no-")
        elif name in task.incrementable and not sign:
            kwargs[name] = kwargs.get(name, default) + 1
        elif not sign and not words:
            if name not in task.optional:
                raise TypeError("%s needs a value" % flag)
            kwargs[name] = True
        else:
            given = value if sign else words.pop(0)
            if name in task.iterable:
                kwargs.setdefault(name, []).append(given)
            else:
                kwargs[name] = given
    free = [each for each in parameters if each.name not in kwargs]
    for parameter, value in zip(list(free), list(args)):
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and kwargs:
            kwargs[parameter.name] = args.pop(0)
    for name, value in kwargs.items():
        kwargs[name] = _converted(value, next(each.default for each in parameters if each.name == name))
    converted = [_converted(value, parameter.default) for value, parameter in zip(args, free)]
    return converted + args[len(free):], kwargs


def _converted(value, default):
    """A word as what its default is."""
    if not isinstance(value, str) or default is None or default is _EMPTY:
        return value
    if isinstance(default, bool):
        return value.lower() not in ("", "0", "false", "no", "off")
    return type(default)(value) if isinstance(default, (int, float)) else value
