"""The built-in commands of the engine as functions."""

from fabric.state import env


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)

    def command(*args, **kwargs):
        return getattr(env.hostout, name)(*args, **kwargs)

    command.__name__ = name
    return command
