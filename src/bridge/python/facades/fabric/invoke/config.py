"""Configuration: nested mappings whose items are attributes as well."""

import copy

from _hostout.attributes import AttributeDict
from _hostout.keywords import refuse
from invoke.config_sources import base_files


class DataProxy(AttributeDict):

    def __init__(self, items=None):
        super().__init__()
        self.update(items or {})

    def __setitem__(self, name, value):
        if isinstance(value, dict) and not isinstance(value, AttributeDict):
            value = DataProxy(value)
        super().__setitem__(name, value)

    def __repr__(self):
        return "<%s: %r>" % (type(self).__name__, _plain(self))

    def update(self, *args, **kwargs):
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name, value=None):
        if name not in self:
            self[name] = value
        return self[name]


def _plain(value):
    """Converts the mappings in it to those of Python."""
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def merge(base, updates):
    """Merges nested mappings."""
    for name, value in (updates or {}).items():
        if isinstance(base.get(name), dict):
            # A mapping remains one: an option of the part may have the same name.
            if isinstance(value, dict):
                merge(base[name], value)
        else:
            base[name] = copy.copy(value) if isinstance(value, (dict, list)) else value
    return base


_FILES = "files of configuration are read at their usual places; give the values as overrides=."


class Config(DataProxy):
    """Defaults, overridden by the files of the machine and the user, then by the arguments."""

    prefix = "invoke"

    def __init__(self, overrides=None, defaults=None, system_prefix=None, user_prefix=None, project_location=None,
                 runtime_path=None, lazy=False):
        elsewhere = {"system_prefix": system_prefix, "user_prefix": user_prefix,
                     "project_location": project_location, "runtime_path": runtime_path}
        refuse("Config", elsewhere, dict.fromkeys(elsewhere, _FILES))
        super().__init__(self.global_defaults() if defaults is None else defaults)
        for data in [] if lazy else base_files(self.prefix):
            merge(self, data)
        merge(self, overrides)

    @staticmethod
    def global_defaults():
        from invoke.runners import Local

        return {
            "run": {
                "asynchronous": False,
                "disown": False,
                "dry": False,
                "echo": False,
                "echo_stdin": None,
                "encoding": None,
                "env": {},
                "err_stream": None,
                "fallback": True,
                "hide": None,
                "in_stream": None,
                "out_stream": None,
                "echo_format": "\033[1;37m{command}\033[0m",
                "pty": False,
                "replace_env": False,
                "shell": "/bin/bash",
                "warn": False,
                "watchers": [],
            },
            "runners": {"local": Local},
            "sudo": {"password": None, "prompt": "[sudo] password: ", "user": None},
            "tasks": {
                "auto_dash_names": True,
                "collection_name": "tasks",
                "dedupe": True,
                "executor_class": None,
                "ignore_unknown_help": False,
                "search_root": None,
            },
            "timeouts": {"command": None},
        }

    def clone(self, into=None):
        made = (into or type(self))(lazy=True)
        return merge(made, self)

    def merge(self):
        """Does nothing: everything is merged immediately."""

    def load_defaults(self, data, merge=True):
        """Adds values with a lower precedence than all existing ones."""
        refuse_delay("load_defaults", merge)
        self.update(_merged(_merged({}, data), self))

    def load_overrides(self, data, merge=True):
        refuse_delay("load_overrides", merge)
        _merged(self, data)


# In methods with an argument of that name.
_merged = merge


def refuse_delay(name, merge):
    if not merge:
        raise TypeError("%s() does not support merge=False here: call it when the values are to count." % name)
