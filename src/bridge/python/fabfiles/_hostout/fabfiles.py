"""The engine's requests about fabfiles."""

import copy
import importlib
import importlib.util
import inspect
import os
import sys

from _hostout import calls, commands, engine, search_path, shared_env
from _hostout.failure import CLASSES
from _hostout.unsaid import said, unsaid
from fabric import exceptions, host, origins
from fabric.context_managers import settings
from fabric.state import env
from fabric.tasks import Task as ClassicTask, WrappedCallableTask, execute
from invoke.exceptions import Exit, ParseError
from invoke.parsing import arguments
from invoke.tasks import Task as ModernTask

CLASSES["default"] = exceptions.Refused
CLASSES["command-timeout"] = exceptions.CommandTimeout
for _kind in ("authentication", "no-such-host", "ssh", "unreachable"):
    CLASSES[_kind] = exceptions.NetworkError

# Names in `env` whose values come from the part.
_given = []

# Those of them that a fabfile also sets for hosts other than the part's.
_TELLING = ("password", "port", "user")

# Number of a fabfile -> its commands by name.
_fabfiles = {}

# Number of a fabfile -> its collection of tasks, or None.
_namespaces = {}


class UserError(Exception):
    """Arguments that a command does not accept, reported without a traceback."""

    def __init__(self, message, word=None):
        super().__init__(message)
        self.word = word


def start(facts, variables):
    """Applies the part's options to `env`."""
    sys.dont_write_bytecode = True
    # Hosts that run in parallel print whole lines.
    sys.stdout.reconfigure(line_buffering=True, write_through=False)
    origins.part.update(name=facts["name"], host=facts["host"], port=facts["port"],
                        user=facts["user"] or env.local_user, login=facts["user"])
    shared_env.accept(variables)
    env.shell = facts["shell"] or shared_env.DEFAULT_SHELL
    env.user = origins.part["user"]
    for name, value in facts["options"].items():
        env.setdefault(name, value)
    _given.extend(set(variables["set"]) | set(facts["options"]) | {"user"})
    for name in _TELLING:
        env[name] = unsaid(env[name])
    if facts["path"] == "/var/buildout/" + facts["name"]:
        # This is the default, and fabfiles have an `env.path` of their own.
        _given.remove("path")
    # The engine knows all of this already.
    shared_env.changes()
    from collective.hostout.hostout import HostOut

    env.hostout = HostOut(facts)


def load(number, file, module, locations):
    """Imports a fabfile, or a module of a plugin. Returns its commands, in order."""
    before = copy.deepcopy({name: env[name] for name in _given})
    search_path.extend(locations)
    loaded = importlib.import_module(module) if module else _load_file(file)
    for name in _TELLING:
        if name in before and said(env.get(name)) is not None:
            origins.imported[name] = env[name]
    # The part, not the fabfile, decides on hosts and users; fabfiles set them for Fabric's own program.
    env.update(before)
    host.note_imports(env.hostout.options)
    found = commands.commands_of(loaded)
    initcommand = vars(loaded).get("initcommand")
    if initcommand is not None:
        found = {name: each for name, each in found.items() if each is not initcommand}
    _fabfiles[number] = dict(found, initcommand=initcommand)
    _namespaces[number] = commands.namespace(loaded)
    return {
        "commands": [{
            "name": name,
            "description": commands.description(command),
            "arguments": commands.usage(command),
            "help": commands.help_text(command),
            "example": commands.example(command),
            "flags": commands.flags(command),
            "parallel": True if commands.wish(command, "parallel") else
            False if commands.wish(command, "serial") else None,
            "changes": commands.wish(command, "changes"),
        } for name, command in found.items()],
        "initcommand": callable(initcommand),
        "env": shared_env.changes(),
    }


def _load_file(file):
    folder, name = os.path.split(file)
    if name == "__init__.py":
        folder, name = os.path.split(folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
    name = name[:-3] if name.endswith(".py") else name
    env.real_fabfile = file
    module = sys.modules.get(name)
    if module is not None and getattr(module, "__file__", None) == file:
        return module
    # Helper modules may import it by name, unless something else has that name.
    if not name.isidentifier() or module is not None or _found_elsewhere(name, file):
        name = "_fabfile_%d_%s" % (len(_fabfiles), "".join(c if c.isalnum() else "_" for c in name))
    spec = importlib.util.spec_from_file_location(name, file)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    try:
        spec.loader.exec_module(loaded)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return loaded


def _found_elsewhere(name, file):
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin != file


def command(number, fabfile, name, args, variables):
    """Runs a command of a fabfile; `number` is its number in the engine."""
    shared_env.accept(variables)
    found = _fabfiles[fabfile][name]
    given, kwargs = calls.received(args)
    # As with Fabric, whose program itself calls `execute`.
    whole = {"all_hosts": env.all_hosts or list(env.hosts), "tasks": env.tasks or [name]}
    with engine.running(number), settings(superfun=_superfun(number), command=name, cwd="", **whole):
        namespace = _namespaces[fabfile]
        configuration = namespace.configuration(name) if namespace is not None else {}
        value = calls.run(lambda *a, **k: _run(found, name, a, k, configuration), given, kwargs)
    return {"value": value, "env": shared_env.changes()}


def check(fabfile, name, words):
    """What is wrong with these command-line arguments, if anything. Runs nothing."""
    try:
        _arguments(_fabfiles[fabfile][name], name, words, {})
    except UserError as problem:
        return {"message": str(problem), "word": problem.word}
    return None


def _arguments(found, name, args, kwargs):
    """The positional and keyword arguments for a command. Raises UserError."""
    if isinstance(found, ModernTask):
        function, skipped = found.body, (None,)
        try:
            args, named = arguments(found, args)
        except ParseError as problem:
            raise UserError(str(problem) % ("'%s'" % name), problem.word) from None
        kwargs = dict(named, **kwargs)
    else:
        function, skipped = commands.function_of(found), ()
    try:
        inspect.signature(function, follow_wrapped=False).bind(*skipped, *args, **kwargs)
    except TypeError as problem:
        raise UserError("'%s' does not take these words: %s" % (name, problem)) from None
    except ValueError:
        pass  # a function without a signature
    return args, kwargs


def _run(found, name, args, kwargs, configuration):
    args, kwargs = _arguments(found, name, args, kwargs)
    try:
        if isinstance(found, ModernTask):
            return _run_task(found, args, kwargs, configuration)
        return _on_hosts(found, name, args, kwargs)
    except Exit as ended:
        if ended.code == 0:
            if ended.message:
                print(ended.message, file=sys.stderr)
            return None
        told = exceptions.Aborted(ended.message or "exit status %s" % ended.code)
        told.code = ended.code
        raise told.with_traceback(ended.__traceback__) from None


def _on_hosts(found, name, args, kwargs):
    """Runs a command of Fabric 1 on the host of the command line, or on those named by it or `env.hosts` instead."""
    task = found if isinstance(found, ClassicTask) else WrappedCallableTask(found)
    named = getattr(task, "hosts", None) or getattr(task, "roles", None)
    own = env.hosts == [origins.part["host"]] and not env.roles and not named
    if own or engine.is_nested():
        return task.run(*args, **kwargs)
    with settings(command=name):
        values = list(execute(task, *args, **kwargs).values())
    if any(value is False for value in values):
        return False
    return values[0] if len(values) == 1 else None


def _run_task(found, args, kwargs, configuration):
    """Runs a task of Fabric 2 with the connection, or on the hosts that it names itself."""
    from fabric.connection import Connection, command_connection
    from invoke.context import Context
    from invoke.tasks import run

    own = command_connection(configuration)
    connections = [
        Connection(config=own.config.clone(), **(each if isinstance(each, dict) else {"host": each}))
        for each in getattr(found, "hosts", None) or ()
    ] or [own]
    # As with Fabric, tasks before and after have no connection.
    return run(found, connections, Context(config=own.config.clone()), args, kwargs)


def _superfun(number):
    return lambda *args, **kwargs: calls.call_super(number, args, kwargs)


def initcommand(number, fabfile, name, variables):
    shared_env.accept(variables)
    with engine.running(number):
        _fabfiles[fabfile]["initcommand"](name)
    return {"value": None, "env": shared_env.changes()}


HANDLERS = {"start": start, "load": load, "check": check, "command": command, "initcommand": initcommand}
