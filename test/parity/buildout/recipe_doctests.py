"""Runs the doctests of a public recipe with `bin/buildout` of several engines, one after the other.

    recipe_doctests.py CHECKOUT MODULE BUILDOUT...

CHECKOUT is a source tree of the recipe, followed by those of recipes that its tests use, separated by colons. MODULE
is the module in it that declares its test suite. Its documents are run as they are, with their setup and
normalizers, as in doctests.py; only `bin/buildout` of the sample buildout is replaced, by one BUILDOUT after the
other. Writes one JSON object per line, as doctests.py does, with "engine", the position of BUILDOUT among the
arguments. `crontab` is replaced with a program that keeps its entries in a file.

Needs zc.buildout, zope.testing and what the recipe's own tests need, on PYTHONPATH.
"""
import doctest
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import standins
from doctests import Engine, Suite, documents_of, run

CRONTAB = """#!/bin/sh
case "$1" in
-l) [ -e %(file)s ] || { echo "no crontab for user" >&2; exit 1; }; cat %(file)s ;;
*) cat > %(file)s ;;
esac
"""


def without_old_namespaces(tree):
    """setuptools namespaces hide native ones; without their `__init__.py`, all are of one kind."""
    for folder, _, names in os.walk(tree):
        if "__init__.py" in names:
            path = os.path.join(folder, "__init__.py")
            with open(path) as file:
                text = file.read()
            if "declare_namespace" in text or "extend_path" in text:
                os.remove(path)


def suites_of(module):
    """The declared test suites; unit tests call the original's own code and do not count."""
    import unittest

    import zc.buildout.testing  # noqa: F401 (first: the tests import each other in a circle)
    import zc.buildout.tests  # noqa: F401
    doctest.DocFileSuite = Suite
    doctest.DocTestSuite = Suite
    declared = []

    def declare(suites=()):
        declared.extend([suites] if isinstance(suites, Suite) else suites)

    unittest.TestSuite = declare
    unittest.makeSuite = lambda case: None
    declared.append(importlib.import_module(module).test_suite())
    return [suite for suite in declared if isinstance(suite, Suite)]


def main(checkouts, module, *commands):
    scratch = tempfile.mkdtemp("parity")
    try:
        # The documents write below their own package, so each run works on copies.
        for place, tree in enumerate(checkouts.split(os.pathsep)):
            source = os.path.join(scratch, os.path.basename(tree))
            shutil.copytree(tree, source, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            subprocess.run(
                [sys.executable, "setup.py", "-q", "egg_info"], cwd=source, check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            without_old_namespaces(source)
            sys.path.insert(place, os.path.join(source, "src") if os.path.isdir(
                os.path.join(source, "src")) else source)
        tools = os.path.join(scratch, "bin")
        os.mkdir(tools)
        crontab = os.path.join(tools, "crontab")
        entries = os.path.join(scratch, "entries")
        with open(crontab, "w") as file:
            file.write(CRONTAB % {"file": entries})
        os.chmod(crontab, 0o755)
        os.environ["PATH"] = tools + os.pathsep + os.environ["PATH"]
        suites = suites_of(module)
        for place, command in enumerate(commands):
            own = os.path.join(scratch, str(place))
            os.mkdir(own)
            wheels = os.path.join(own, "wheels")
            os.mkdir(wheels)
            engine = Engine(os.path.abspath(command), own, wheels)
            for tool in ("setuptools", "wheel", "pip", "packaging", "zc.buildout", "zc.recipe.egg"):
                standins.pack(tool, engine.wheels)
            for suite in suites:
                for test in documents_of(suite):
                    if os.path.exists(entries):
                        os.remove(entries)
                    for result in run(suite, test, engine):
                        print(json.dumps({**result, "engine": place}), file=sys.__stdout__, flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
