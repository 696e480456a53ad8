"""Options of the part, as an Invoke configuration."""

from _hostout.attributes import AttributeDict


class DataProxy(AttributeDict):
    pass


class Config(DataProxy):

    def __init__(self, overrides=None, **_):
        super().__init__({
            "run": AttributeDict(hide=None, warn=False, pty=False, echo=False, env=AttributeDict()),
            "sudo": AttributeDict(user=None, password=None),
            "connect_kwargs": AttributeDict(),
            "timeouts": AttributeDict(connect=None, command=None),
        })
        for name, value in (overrides or {}).items():
            self[name] = AttributeDict(value) if isinstance(value, dict) else value
