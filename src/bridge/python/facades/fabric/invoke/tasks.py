"""Tasks whose first argument is the connection, or a context."""

import functools
import inspect


class Task(object):

    def __init__(self, body, name=None, aliases=(), positional=None, optional=(), default=False,
                 auto_shortflags=True, help=None, pre=None, post=None, autoprint=False, iterable=None,
                 incrementable=None):
        functools.update_wrapper(self, body)
        self.body = body
        self._name = name
        self.aliases = tuple(aliases)
        self.has_implicit_positional = positional is None
        self.positional = self._required() if positional is None else list(positional)
        self.optional = tuple(optional)
        self.is_default = default
        self.auto_shortflags = auto_shortflags
        self.help = dict(help or {})
        self.pre = list(pre or [])
        self.post = list(post or [])
        self.autoprint = autoprint
        self.iterable = list(iterable or [])
        self.incrementable = list(incrementable or [])
        self.times_called = 0
        names = {each.name for each in self.parameters()}
        strange = [each for each in self.help if each.replace("-", "_") not in names and each not in names]
        if strange:
            raise ValueError("Help field was set for param(s) that don't exist: %s" % strange)

    @property
    def name(self):
        return self._name or self.__name__

    @property
    def called(self):
        return self.times_called > 0

    def __call__(self, *args, **kwargs):
        from invoke.context import Context

        if not args or not isinstance(args[0], Context):
            raise TypeError("Task expected a Context as its first arg, got %s instead!"
                            % (type(args[0]) if args else "nothing"))
        result = self.body(*args, **kwargs)
        self.times_called += 1
        return result

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self):
        return "<Task %r%s>" % (self.name, " (%s)" % ", ".join(self.aliases) if self.aliases else "")

    def __eq__(self, other):
        return isinstance(other, Task) and self.name == other.name and self.body == other.body

    def __hash__(self):
        return hash((self.name, self.body))

    def parameters(self):
        """The parameters after the context."""
        found = list(inspect.signature(self.body).parameters.values())
        if not found:
            raise TypeError("Tasks must have an initial Context argument!")
        return found[1:]

    def _required(self):
        return [each.name for each in self.parameters()
                if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]


class Call(object):
    """A task with arguments, for `pre` and `post`."""

    def __init__(self, task, called_as=None, args=None, kwargs=None):
        self.task = task
        self.called_as = called_as
        self.args = tuple(args or ())
        self.kwargs = dict(kwargs or {})

    def __getattr__(self, name):
        if name == "task":
            raise AttributeError(name)
        return getattr(self.task, name)

    def __eq__(self, other):
        return isinstance(other, Call) and (self.task, self.args, self.kwargs) == (
            other.task, other.args, other.kwargs)


def call(task, *args, **kwargs):
    return Call(task, args=args, kwargs=kwargs)


def task(*args, **kwargs):
    """`@task`, `@task(pre, tasks)`, or `@task(name=..., pre=[...], help={...}, ...)`."""
    klass = kwargs.pop("klass", Task)
    if len(args) == 1 and callable(args[0]) and not isinstance(args[0], (Task, Call)):
        return klass(args[0], **kwargs)
    if args:
        if "pre" in kwargs:
            raise TypeError("May not give *args and 'pre' kwarg simultaneously!")
        kwargs["pre"] = list(args)
    # An unknown keyword is an error immediately, not when the function is passed.
    inspect.signature(klass.__init__).bind(None, None, **kwargs)
    return lambda body: klass(body, **kwargs)


def run(task, contexts, context, args, kwargs):
    """Runs a task in each of `contexts`, and the tasks before and after it in `context`."""
    _run_all(task.pre, context)
    results = [task(each, *args, **kwargs) for each in contexts]
    if task.autoprint:
        for result in results:
            print(result)
    _run_all(task.post, context)
    return results[0] if len(results) == 1 else None


def _run_all(calls, context):
    """As often as they are named, as in Fabric."""
    for each in calls:
        made = each if isinstance(each, Call) else Call(each)
        _run_all(made.task.pre, context)
        made.task(context, *made.args, **made.kwargs)
        _run_all(made.task.post, context)
