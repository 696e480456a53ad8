"""Sources of configuration outside the code: files and environment variables."""

import json
import os
import runpy
import sys
from types import ModuleType

_SUFFIXES = ("yaml", "yml", "json", "py")


def base_files(prefix):
    """The content of the files of the machine and the user, as mappings."""
    return [_loaded("/etc/" + prefix), _loaded(os.path.expanduser("~/." + prefix))]


def project_file(directory, prefix):
    return _loaded(os.path.join(directory, prefix))


def _loaded(stem):
    """The first of the files that exists."""
    for suffix in _SUFFIXES:
        path = "%s.%s" % (stem, suffix)
        if os.path.isfile(path):
            return _READERS[suffix](path) or {}
    return {}


def _read_yaml(path):
    try:
        import yaml
    except ImportError:
        raise RuntimeError("%s is YAML: install PyYAML for %s to have it read, or write it as JSON."
                           % (path, sys.executable)) from None
    with open(path) as file:
        return yaml.safe_load(file)


def _read_json(path):
    with open(path) as file:
        return json.load(file)


def _read_python(path):
    found = {name: value for name, value in runpy.run_path(path).items() if not name.startswith("__")}
    modules = [name for name, value in found.items() if isinstance(value, ModuleType)]
    if modules:
        raise TypeError("'%s' is a module, which can't be used as a config value. (Are you perhaps giving a "
                        "tasks file instead of a config file by mistake?)" % modules[0])
    return found


_READERS = {"yaml": _read_yaml, "yml": _read_yaml, "json": _read_json, "py": _read_python}


def variables(config, prefix):
    """Environment variables for the names in `config`: `PREFIX_RUN_HIDE` for `run.hide`."""
    found = {}
    for path, value in _leaves(config, ()):
        name = "_".join((prefix,) + path).upper()
        if name not in os.environ:
            continue
        inner = found
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = _as_type_of(value, os.environ[name])
    return found


def _leaves(mapping, path):
    for name, value in mapping.items():
        if isinstance(value, dict):
            yield from _leaves(value, path + (str(name),))
        else:
            yield path + (str(name),), value


def _as_type_of(old, text):
    from invoke.exceptions import UncastableEnvVar

    if isinstance(old, bool):
        return text not in ("0", "")
    if old is None or isinstance(old, str):
        return text
    if isinstance(old, (list, tuple)):
        raise UncastableEnvVar("Can't adapt an environment string into a %s!" % type(old))
    return int(text) if isinstance(old, int) else type(old)(text)
