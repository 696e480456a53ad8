"""Puts distributions on `sys.path`, including the namespace packages that they share."""

import importlib
import os
import re
import site
import sys
from importlib.machinery import ModuleSpec

# Packages that many distributions share, though some of their modules are ours.
SHARED = ("zc", "zc.recipe", "collective", "hostout")

_DECLARES_NAMESPACE = rb"declare_namespace|extend_path"


class SharedPackages(object):
    """Finds the packages that are partly ours as namespaces, without running anyone's `__init__.py`."""

    def find_spec(self, name, path=None, target=None):
        if name not in SHARED:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [
            folder for folder in _folders(name, sys.path) if os.path.isdir(folder)]
        return spec


def _folders(package, entries):
    return [os.path.join(entry or os.curdir, *package.split(".")) for entry in entries]


def _is_shared_part(folder):
    """Whether the directory contains a part of a namespace package, in any of the three styles."""
    if not os.path.isdir(folder):
        return False
    file = os.path.join(folder, "__init__.py")
    if not os.path.exists(file):
        return True
    with open(file, "rb") as text:
        return re.search(_DECLARES_NAMESPACE, text.read()) is not None


def _third_party():
    """The index in `sys.path` where the interpreter's own packages begin, after the standard library."""
    folders = set(site.getsitepackages() + [site.getusersitepackages()])
    for index, entry in enumerate(sys.path):
        if entry in folders or os.path.basename(entry) in ("site-packages", "dist-packages"):
            return index
    return len(sys.path)


def extend(locations):
    """Adds directories before the interpreter's own packages, in the given order, unless they are there already."""
    fresh = [location for location in locations if location not in sys.path]
    if not fresh:
        return
    place = _third_party()
    sys.path[place:place] = fresh
    importlib.invalidate_caches()
    if "pkg_resources" in sys.modules:
        for location in fresh:
            sys.modules["pkg_resources"].working_set.add_entry(location)
    # Packages that were imported before get their new parts.
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__path__", None)
        if not isinstance(path, list):
            continue
        parts = [folder for folder in _folders(name, fresh)
                 if folder not in path and _is_shared_part(folder)]
        if parts and (name in SHARED or _is_namespace(module)):
            path.extend(parts)


def _is_namespace(module):
    file = getattr(module, "__file__", None)
    return file is not None and _is_shared_part(os.path.dirname(file))


def start():
    sys.meta_path.insert(0, SharedPackages())
