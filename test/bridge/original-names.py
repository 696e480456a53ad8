"""Prints the names defined in zc.buildout and zc.recipe.egg, for original-names.test.ts.

    PYTHON original-names.py > original-names.json

PYTHON must have both, and zope.testing. Only names: what modules define or import, what their classes define, and
what methods set on `self`.
"""
import ast
import importlib
import importlib.metadata
import inspect
import json
import pkgutil

DISTRIBUTIONS = ("zc.buildout", "zc.recipe.egg")


# Python's own names that make an object a mapping or a function.
CALLED = ("__call__", "__getitem__", "__setitem__", "__delitem__", "__iter__", "__len__")


def is_own(name):
    return name in CALLED or not (name.startswith("__") and name.endswith("__"))


def modules():
    for name in DISTRIBUTIONS:
        package = importlib.import_module(name)
        yield package
        for module in pkgutil.iter_modules(package.__path__, name + "."):
            yield importlib.import_module(module.name)


def names_of(module):
    for name, value in vars(module).items():
        # A module is listed separately.
        if not is_own(name) or getattr(value, "__name__", "") == "%s.%s" % (module.__name__, name):
            continue
        yield name
        if inspect.isclass(value) and value.__module__ == module.__name__:
            for attribute in vars(value):
                if is_own(attribute) and "__" not in attribute.strip("_") and attribute[:4] != "_abc":
                    yield "%s.%s" % (name, attribute)


def instances_of(module):
    """`CLASS.NAME` for each `self.NAME = ...` in a method."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ClassDef):
            for one in ast.walk(node):
                if (isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)
                        and isinstance(one.value, ast.Name) and one.value.id == "self"):
                    yield "%s.%s" % (node.name, one.attr)


found = sorted(modules(), key=lambda module: module.__name__)
print(json.dumps({
    "versions": {name: importlib.metadata.version(name) for name in DISTRIBUTIONS},
    "names": {module.__name__: sorted(set(names_of(module))) for module in found},
    "instances": {module.__name__: sorted(set(instances_of(module))) for module in found},
}, indent=1))
