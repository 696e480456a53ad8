"""Mappings whose items are attributes as well."""


class AttributeDict(dict):

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None

    def first(self, *names):
        """The first of these items that is set and true."""
        for name in names:
            value = self.get(name)
            if value:
                return value
        return None


class AliasDict(AttributeDict):
    """A mapping with names that stand for several items at once."""

    def __init__(self, items, aliases):
        super().__init__(items)
        dict.__setattr__(self, "aliases", aliases)

    def __setitem__(self, name, value):
        for each in self.expand_aliases([name]):
            super().__setitem__(each, value)

    def expand_aliases(self, names):
        found = []
        for name in names:
            found.extend(self.expand_aliases(self.aliases[name]) if name in self.aliases else [name])
        return found
