"""Which functions of a fabfile are commands."""

import inspect
import os
import sys
import sysconfig

from invoke.parsing import dashed, flags as task_flags, parameters
from invoke.tasks import Task as ModernTask

_FACADES = ("fabric", "fabric2", "invoke", "collective.hostout", "_hostout")
_STDLIB = [os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
_PACKAGES = ("site-packages", "dist-packages")


def _is_standard(name):
    """Whether a module belongs to the standard library."""
    top = name.partition(".")[0]
    if hasattr(sys, "stdlib_module_names"):
        return top in sys.stdlib_module_names
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    is_built_in = module is not None and file is None and not hasattr(module, "__path__")
    if top in sys.builtin_module_names or is_built_in:
        return True
    path = os.path.realpath(file or "")
    return any(path.startswith(folder + os.sep) for folder in _STDLIB) and not any(
        os.sep + name + os.sep in path for name in _PACKAGES)


def _is_foreign(name):
    return _is_standard(name) or any(name == each or name.startswith(each + ".") for each in _FACADES)


def is_task_object(value):
    from fabric.tasks import Task

    if isinstance(value, Task):
        return value.use_task_objects
    return isinstance(value, ModernTask)


def function_of(command):
    """The function that receives the arguments of a command of Fabric 1.

    Skips Fabric's own wrappers, which pass everything on; other decorators may add arguments of their own.
    """
    from fabric.tasks import WrappedCallableTask

    function = getattr(command, "run", command) if is_task_object(command) else command
    if getattr(function, "__func__", None) is WrappedCallableTask.run:
        function = command.wrapped
    while getattr(function, "__globals__", {}).get("__name__") == "fabric.decorators":
        function = function.__wrapped__
    return function


def is_classic_task(pair):
    """Whether (name, value) is a function that may be a command without being marked as one."""
    name, value = pair
    if name.startswith("_") or not callable(value) or inspect.isclass(value):
        return False
    module = getattr(value, "__module__", None)
    return isinstance(module, str) and not _is_foreign(module)


def commands_of(module):
    """Name -> function or task. If any are marked, only those count, as in Fabric."""
    collection = namespace(module)
    if collection is not None:
        return collection.all_tasks()
    marked = _marked(module, set())
    if marked:
        return marked
    return dict(filter(is_classic_task, vars(module).items()))


def namespace(module):
    """The collection that lists the tasks of a fabfile that are commands, if it has one."""
    from invoke.collection import Collection

    for name in ("ns", "namespace"):
        collection = getattr(module, name, None)
        if isinstance(collection, Collection):
            return collection
    return None


def _marked(module, seen):
    """Tasks of a module; those of modules in it are prefixed with the module's name."""
    found = {}
    seen.add(module)
    for name, value in sorted(vars(module).items()):
        if is_task_object(value):
            own = value.name if value.name != "undefined" else name
            for each in [own] + list(value.aliases or []):
                found[_spelled(value, each)] = value
        elif inspect.ismodule(value) and value not in seen and not name.startswith("_") \
                and not _is_foreign(value.__name__) and getattr(value, "__file__", None):
            inner = _marked(value, seen)
            found.update(("%s.%s" % (name, each), task) for each, task in inner.items()
                         if task not in found.values())
    return found


def _spelled(task, name):
    """In Fabric 2, names of tasks have dashes."""
    return dashed(name) if isinstance(task, ModernTask) else name


def _docstring(command):
    """Its docstring, as lines."""
    text = getattr(command, "__doc__", None)
    if text is None or text == type(command).__doc__:
        text = type(command).__doc__ if not inspect.isfunction(command) else None
        if is_task_object(command):
            text = getattr(getattr(command, "run", None), "__doc__", None) or text
    return inspect.cleandoc(text).splitlines() if isinstance(text, str) else []


def description(command):
    """The first line of its docstring."""
    lines = _docstring(command)
    return lines[0].strip() if lines else ""


def help_text(command):
    """The other lines of its docstring, and the options of a task of Fabric 2."""
    lines = _docstring(command)[1:]
    options = [(", ".join(each.forms), command.help.get(each.name) or command.help.get(dashed(each.name)) or "")
               for each in _flags(command)]
    width = max([len(forms) for forms, _ in options] or [0])
    if options:
        lines += ["", "Options:"] + [("  %s  %s" % (forms.ljust(width), text)).rstrip() for forms, text in options]
    return "\n".join(lines).strip("\n")


def example(command):
    """An example call for its help, if it has one."""
    text = getattr(command, "example", None)
    return text if isinstance(text, str) else None


def _flags(command):
    return parameters(command) if isinstance(command, ModernTask) else []


def flags(command):
    """The options that a task of Fabric 2 takes; None for other commands."""
    return list(task_flags(command)) if isinstance(command, ModernTask) else None


def usage(command):
    """Its arguments on the command line: `NAME [OPTIONAL] [REST...]`, or `none`."""
    if isinstance(command, ModernTask):
        words = _task_words(command)
    else:
        words = usage_words(function_of(command))
    return "[ARGUMENT...]" if words is None else " ".join(words) or "none"


def _task_words(task):
    """For a task of Fabric 2: required words, then options, then any further words."""
    required = [each.upper() for each in task.positional]
    options = [each.forms[-1] for each in parameters(task) if each.name not in task.positional]
    more = [_usage_word(each) for each in task.parameters() if each.kind is each.VAR_POSITIONAL]
    return required + ["[%s]" % each for each in options] + more


def usage_words(function):
    """A word for each parameter that can be positional; None for a function without a signature."""
    try:
        found = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return None
    return [_usage_word(each) for each in found if each.kind not in (each.KEYWORD_ONLY, each.VAR_KEYWORD)]


def _usage_word(parameter):
    word = parameter.name.upper()
    if parameter.kind is parameter.VAR_POSITIONAL:
        return "[%s...]" % word
    return word if parameter.default is parameter.empty else "[%s]" % word


def wish(command, name):
    return bool(getattr(command, name, False))
