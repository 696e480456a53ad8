"""Tasks put together under names."""

from invoke.tasks import Task


class Collection(object):

    def __init__(self, *args, **kwargs):
        self.name = None
        self.tasks = {}
        self.collections = {}
        self._configuration = {}
        items = list(args)
        if items and isinstance(items[0], str):
            self.name = items.pop(0)
        kwargs.pop("loaded_from", None)
        kwargs.pop("auto_dash_names", None)
        for item in items:
            self._add(item, None)
        for name, item in kwargs.items():
            self._add(item, name)

    def _add(self, item, name):
        if isinstance(item, Task):
            self.add_task(item, name=name)
        else:
            self.add_collection(item, name=name)

    def add_task(self, task, name=None, aliases=None, default=None):
        for each in (name or task.name,) + tuple(task.aliases) + tuple(aliases or ()):
            self.tasks[each] = task

    def add_collection(self, coll, name=None, default=None):
        made = coll if isinstance(coll, Collection) else Collection.from_module(coll)
        self.collections[name or made.name] = made

    def configure(self, options):
        self._configuration.update(options)

    def configuration(self, taskpath=None):
        return dict(self._configuration)

    @classmethod
    def from_module(cls, module, name=None, config=None, **_):
        made = cls(name or module.__name__.split(".")[-1])
        inner = getattr(module, "ns", None) or getattr(module, "namespace", None)
        if isinstance(inner, Collection):
            made.tasks, made.collections = dict(inner.tasks), dict(inner.collections)
        else:
            for value in vars(module).values():
                if isinstance(value, Task):
                    made.add_task(value)
        made.configure(config or {})
        return made

    def all_tasks(self):
        """Name -> task, with the names of collections before theirs: `db.dump`."""
        found = dict(self.tasks)
        for name, collection in self.collections.items():
            found.update(("%s.%s" % (name, each), task) for each, task in collection.all_tasks().items())
        return found
