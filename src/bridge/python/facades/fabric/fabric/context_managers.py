"""Settings for the commands inside a `with` block."""

from contextlib import ExitStack, contextmanager

from _hostout.engine import ask
from fabric import host
from fabric.state import env, output
from fabric.utils import abort
from invoke.terminals import character_buffered

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
    """Nests the managers, and sets items of `env`."""
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
            # Only restores items that nobody has changed since.
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


def _below(name, path):
    """The directory for `cd` and `lcd`: blanks are quoted for the shell, all else keeps its meaning."""
    path, base = str(path).replace(" ", "\\ "), env.get(name)
    return _changed(env, {name: "%s/%s" % (base, path) if base and path[:1] not in ("/", "~") else path})


def cd(path):
    return _below("cwd", path)


def lcd(path):
    return _below("lcwd", path)


def prefix(command):
    return _changed(env, {"command_prefixes": list(env.command_prefixes) + [command]})


def path(path, behavior="append"):
    """Appends directories to the PATH, prepends them, or replaces it."""
    if behavior not in ("append", "prepend", "replace"):
        abort("path(): behavior is append, prepend or replace, not %r." % behavior)
    # `env.path` is an option of the part.
    return _changed(env, {"_path": str(path), "path_behavior": behavior})


def shell_env(**variables):
    return _changed(env, {"shell_env": variables})


def char_buffered(pipe):
    return character_buffered(pipe)


@contextmanager
def remote_tunnel(remote_port, local_port=None, local_host="localhost", remote_bind_address="127.0.0.1"):
    """Forwards a port of the host to one of this machine, or of another that this machine can reach."""
    ends = {"localHost": local_host, "localPort": int(local_port or remote_port),
            "remoteHost": remote_bind_address, "remotePort": int(remote_port)}
    number = ask("forward-remote", host.settings(), ends)
    try:
        yield
    finally:
        ask("forward-close", number)
