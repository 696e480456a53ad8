"""Runs a function when a module of the interpreter has been imported: many runs do not need it."""

import sys
from importlib.machinery import PathFinder


class AfterImport(object):

    def __init__(self, module, action):
        self._module = module
        self._action = action

    def find_spec(self, name, path=None, target=None):
        if name != self._module:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            self._action(module)

        spec.loader.exec_module = exec_module
        return spec


def after_import(module, action):
    """Calls `action` with the module, now if it has been imported already."""
    if module in sys.modules:
        action(sys.modules[module])
    else:
        sys.meta_path.insert(0, AfterImport(module, action))
