"""What holds for the commands inside a `with`."""

import shlex
from contextlib import ExitStack, contextmanager

from fabric.state import env, output
from fabric.utils import abort

_MISSING = object()


@contextmanager
def _changed(mapping, items):
    before = {name: mapping.get(name, _MISSING) for name in items}
    for name, value in items.items():
        mapping[name] = value
    try:
        yield
    finally:
        for name, value in before.items():
            if value is _MISSING:
                mapping.pop(name, None)
            else:
                mapping[name] = value


@contextmanager
def settings(*managers, **items):
    """The managers one inside the other, and items of `env`."""
    clean_revert = items.pop("clean_revert", False)
    before = dict(env)
    with ExitStack() as stack:
        for manager in managers:
            stack.enter_context(manager)
        if not clean_revert:
            stack.enter_context(_changed(env, items))
            yield
            return
        env.update(items)
        try:
            yield
        finally:
            # Only what nobody has changed since goes back.
            for name, value in items.items():
                if env.get(name, _MISSING) != value:
                    continue
                if name in before:
                    env[name] = before[name]
                else:
                    del env[name]


def _shown(groups, value):
    return _changed(output, {name: value for name in output.expand_aliases(groups)})


def hide(*groups):
    return _shown(groups, False)


def show(*groups):
    return _shown(groups, True)


def quiet():
    return settings(hide("everything"), warn_only=True)


def warn_only():
    return settings(warn_only=True)


def _below(base, path):
    return path if path.startswith(("/", "~")) or not base else base.rstrip("/") + "/" + path


def cd(path):
    return _changed(env, {"cwd": _below(env.cwd, str(path))})


def lcd(path):
    import os

    return _changed(env, {"lcwd": os.path.join(env.lcwd, os.path.expanduser(str(path)))})


def prefix(command):
    return _changed(env, {"command_prefixes": list(env.command_prefixes) + [command]})


def path(path, behavior="append"):
    """Folders on the host's PATH: before it, behind it, or instead of it."""
    value = {"append": '"$PATH":%s', "prepend": '%s:"$PATH"', "replace": "%s"}.get(behavior)
    if value is None:
        abort("path(): behavior is append, prepend or replace, not %r." % behavior)
    return prefix("export PATH=" + value % shlex.quote(path))


def shell_env(**variables):
    return _changed(env, {"shell_env": dict(env.shell_env, **variables)})


def char_buffered(pipe):
    return _changed({}, {})


def remote_tunnel(*args, **kwargs):
    abort("remote_tunnel() is not there. With 'tunnel = true' in the hostout part, commands on the "
          "host reach the network through this machine.")
