"""The configuration as written in its files, before references are resolved, as mappings.

Extensions change it: a section that has not been used yet gets its options from here.
"""

from collections.abc import MutableMapping

from _hostout import shared_options
from _hostout.channel import request


class RawOptions(MutableMapping):
    """option -> value of one section."""

    def __init__(self, section):
        self._section = section

    def _all(self):
        return request("raw-options", self._section) or {}

    def __getitem__(self, option):
        return self._all()[option]

    def __setitem__(self, option, value):
        request("set-raw-option", self._section, option, str(value))

    def __delitem__(self, option):
        if option not in self._all():
            raise KeyError(option)
        request("set-raw-option", self._section, option, None)

    def __iter__(self):
        return iter(self._all())

    def __len__(self):
        return len(self._all())

    def copy(self):
        return self._all()

    def __repr__(self):
        return repr(self._all())


class KnownOptions(MutableMapping):
    """option -> value of one section: options that have been read or set, with references resolved."""

    def __init__(self, section):
        self._section = section
        # The engine has read these itself.
        self._names = dict.fromkeys(
            shared_options.names(section) if section == "buildout" else ["recipe"])

    def note(self, option):
        self._names[option] = None

    def _value(self, option):
        return shared_options.read(self._section, option) if option in self._names else None

    def __getitem__(self, option):
        value = self._value(option)
        if value is None:
            raise KeyError(option)
        return value

    def __setitem__(self, option, value):
        shared_options.write(self._section, option, value)
        self.note(option)

    def __delitem__(self, option):
        if option not in self._names or not request("delete-option", self._section, option):
            raise KeyError(option)

    def __iter__(self):
        return (option for option in list(self._names) if self._value(option) is not None)

    def __len__(self):
        return len(list(iter(self)))

    def __repr__(self):
        return repr(dict(self))


class RawSections(MutableMapping):
    """section -> its options."""

    def __getitem__(self, section):
        if section not in self:
            raise KeyError(section)
        return RawOptions(section)

    def __setitem__(self, section, options):
        texts = {option: str(value) for option, value in options.items()}
        request("set-raw-section", section, texts)

    def __delitem__(self, section):
        if section not in self:
            raise KeyError(section)
        request("set-raw-section", section, None)

    def __contains__(self, section):
        return isinstance(section, str) and request("has-section", section)

    def __iter__(self):
        return iter(request("sections"))

    def __len__(self):
        return len(request("sections"))

    def __repr__(self):
        return repr({name: dict(self[name]) for name in self})
