"""Collections of named tasks."""

import copy

from invoke.config import merge
from invoke.parsing import dashed
from invoke.tasks import Task


class Collection(object):

    def __init__(self, *args, **kwargs):
        self.tasks = {}
        self._aliases = set()
        self.collections = {}
        self.default = None
        self.auto_dash_names = kwargs.pop("auto_dash_names", None) is not False
        self.loaded_from = kwargs.pop("loaded_from", None)
        self._configuration = {}
        items = list(args)
        self.name = items.pop(0) if items and isinstance(items[0], str) else None
        for name, item in [(None, item) for item in items] + list(kwargs.items()):
            if isinstance(item, Task):
                self.add_task(item, name=name)
            else:
                self.add_collection(item, name=name)

    def transform(self, name):
        return dashed(name) if self.auto_dash_names else name

    def add_task(self, task, name=None, aliases=None, default=None):
        own = self.transform(name or task.name)
        if own in self.collections:
            raise ValueError("Name conflict: this collection has a sub-collection named %r already" % own)
        others = [self.transform(each) for each in tuple(task.aliases) + tuple(aliases or ())]
        self._aliases.update(others)
        for each in [own] + others:
            self.tasks[each] = task
        if default is True or default is None and task.is_default:
            self._set_default(own)

    def add_collection(self, coll, name=None, default=None):
        made = coll if isinstance(coll, Collection) else Collection.from_module(coll)
        own = self.transform(name or made.name or "")
        if not own:
            raise ValueError("Non-root collections must have a name!")
        if own in self.tasks:
            raise ValueError("Name conflict: this collection has a task named %r already" % own)
        self.collections[own] = made
        if default:
            self._set_default(own)

    def _set_default(self, name):
        if self.default:
            raise ValueError("'%s' cannot be the default because '%s' already is!" % (name, self.default))
        self.default = name

    def configure(self, options):
        merge(self._configuration, options)

    def configuration(self, taskpath=None):
        """The configuration of this collection; with a path, also of the collections on the way to the task."""
        found = copy.deepcopy(self._configuration)
        head, _, rest = (taskpath or "").partition(".")
        if head in self.collections:
            found = dict(self.collections[head].configuration(rest), **found)
        return found

    @property
    def task_names(self):
        return {name: [] for name in self.all_tasks()}

    def __getitem__(self, name=None):
        return self.all_tasks()[name or self.default]

    def __contains__(self, name):
        return name in self.all_tasks()

    def __bool__(self):
        return bool(self.all_tasks())

    def __eq__(self, other):
        return isinstance(other, Collection) and (self.name, self.tasks, self.collections) == (
            other.name, other.tasks, other.collections)

    __hash__ = None

    def __repr__(self):
        names = sorted(set(self.tasks) - self._aliases) + sorted("%s..." % each for each in self.collections)
        return "<Collection %r: %s>" % (self.name, ", ".join(names))

    @classmethod
    def from_module(cls, module, name=None, config=None, loaded_from=None, auto_dash_names=None):
        made = cls(name or module.__name__.split(".")[-1], auto_dash_names=auto_dash_names,
                   loaded_from=loaded_from)
        inner = getattr(module, "ns", None) or getattr(module, "namespace", None)
        if isinstance(inner, Collection):
            made.tasks, made.collections = dict(inner.tasks), dict(inner.collections)
            made._aliases, made.default = set(inner._aliases), inner.default
            made.configure(inner.configuration())
        else:
            for value in vars(module).values():
                if isinstance(value, Task):
                    made.add_task(value)
        made.configure(config or {})
        return made

    def all_tasks(self):
        """Name -> task, with the names of collections as prefixes: `db.dump`."""
        found = dict(self.tasks)
        for name, collection in self.collections.items():
            inner = collection.all_tasks()
            found.update(("%s.%s" % (name, each), task) for each, task in inner.items())
            default = collection.default_task()
            if default is not None:
                found[name] = default
        return found

    def default_task(self):
        if self.default in self.collections:
            return self.collections[self.default].default_task()
        return self.tasks.get(self.default)
