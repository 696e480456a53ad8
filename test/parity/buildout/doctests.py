"""Runs zc.buildout's own doctests with another `bin/buildout`, and records what each example does.

    doctests.py CHECKOUT BUILDOUT [DOCUMENT...]

CHECKOUT is a source tree of zc.buildout: its documents, their set-up and their normalizers are
used where they stand. Only `bin/buildout` of each sample buildout is replaced, by BUILDOUT.
Writes one JSON object a line for each example that runs a program or looks at what one left:
{"document", "line", "source", "ok", "want", "got"}.

Needs zope.testing, and the setuptools, packaging, pip and wheel that CHECKOUT needs, on PYTHONPATH.
"""
import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import types

import standins

# Examples that show what the engine does.
LOOKS = ("system(", "cat(", "ls(", "read(", "os.listdir(", "os.path.exists(")

CAPTURE = re.compile(r"^( *)\.\. *-> *(\S+).*$", re.MULTILINE)


class Suite:
    """Documents that share a set-up, as the original's test suite declares them."""

    def __init__(self, *documents, setUp=None, tearDown=None, optionflags=0, checker=None, **_unused):
        self.documents = documents
        self.set_up, self.tear_down = setUp, tearDown
        self.flags, self.checker = optionflags, checker


def stand_in_for_manuel():
    """The original's suites are declared with manuel, which need not be installed to read them."""

    class Manuel:
        def __init__(self, optionflags=0, checker=None):
            self.options = {"optionflags": optionflags, "checker": checker}

        def __add__(self, other):
            return self

    def suite(manuel, *documents, **options):
        return Suite(*documents, **manuel.options, **options)

    package = types.ModuleType("manuel")
    for name, content in {
        "capture": {"Manuel": Manuel}, "doctest": {"Manuel": Manuel}, "testing": {"TestSuite": suite},
    }.items():
        module = types.ModuleType("manuel." + name)
        vars(module).update(content)
        setattr(package, name, module)
        sys.modules["manuel." + name] = module
    sys.modules["manuel"] = package


def captured(text, directive):
    """The block that ends before a line `.. -> NAME`: all behind the last line less indented."""
    indent = len(directive.group(1))
    block = []
    for line in reversed(text[: directive.start()].splitlines()):
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        block.insert(0, line)
    return textwrap.dedent("\n".join(block).strip("\n") + "\n")


def examples_of(text, name):
    """The examples of a document, and what it captures, in the order in which they stand."""
    parts = [(example.lineno, example) for example in doctest.DocTestParser().get_examples(text, name)]
    for directive in CAPTURE.finditer(text):
        assignment = "%s = %r\n" % (directive.group(2), captured(text, directive))
        line = text.count("\n", 0, directive.start())
        parts.append((line, doctest.Example(assignment, "", lineno=line)))
    return [example for _, example in sorted(parts, key=lambda part: part[0])]


def bare(output):
    """The output without what stands below our errors: the place and the hint, indented."""
    lines, below = [], False
    for line in output.splitlines(True):
        if below and line.startswith("  "):
            continue
        below = line.startswith("Error: ") or (below and not line.isspace())
        lines.append(line)
    return "".join(lines)


class Recorder(doctest.DocTestRunner):
    """Goes on after a failure and keeps what every example printed."""

    def __init__(self, suite):
        super().__init__(checker=suite.checker, verbose=False, optionflags=suite.flags)
        self.results = []

    def _note(self, test, example, ok, got):
        ok = ok or self._checker.check_output(example.want, bare(got), self.optionflags)
        if any(word in example.source for word in LOOKS):
            self.results.append({
                "document": test.name, "line": example.lineno + 1,
                "ok": ok, "want": example.want, "got": got,
            })

    def report_start(self, out, test, example):
        pass

    def report_success(self, out, test, example, got):
        self._note(test, example, True, got)

    def report_failure(self, out, test, example, got):
        self._note(test, example, False, got)

    def report_unexpected_exception(self, out, test, example, exc_info):
        self._note(test, example, False, "".join(doctest.traceback.format_exception(*exc_info)))


# The originals make a folder their index: to pip, it and the folders in it are places of links. The
# original finds setuptools and itself in its own Python; here they are where PyPI has them.
ENGINE = """#!/bin/sh
unset PYTHONPATH PYTHONDONTWRITEBYTECODE
PATH=%s:$PATH
export PATH
index=${buildout_testing_index_url#file://}
PIP_NO_INDEX=1 PIP_FIND_LINKS="$(find "$index" -type d) %s"
npm_config_offline=true
export PIP_NO_INDEX PIP_FIND_LINKS npm_config_offline
exec "%s" "$@"
"""


def replace_engine(globs, command, wheels):
    script = globs["buildout"]
    with open(script, "w") as file:
        file.write(ENGINE % (os.path.dirname(sys.executable), wheels, command))
    os.chmod(script, 0o755)


def run(suite, document, folder, command, wheels):
    path = os.path.join(folder, document)
    with open(path) as file:
        text = file.read()
    test = doctest.DocTest(examples_of(text, document), {}, document, path, 0, text)
    recorder = Recorder(suite)
    here = os.getcwd()
    try:
        if suite.set_up is not None:
            suite.set_up(test)
        if "buildout" in test.globs:
            replace_engine(test.globs, command, wheels)
        recorder.run(test, out=lambda text: None, clear_globs=False)
    finally:
        if suite.tear_down is not None:
            suite.tear_down(test)
        os.chdir(here)
    return recorder.results


def main(checkout, command, *documents):
    scratch = tempfile.mkdtemp("parity")
    # The documents write below their own package: each run works on a copy.
    source, wheels = os.path.join(scratch, "checkout"), os.path.join(scratch, "wheels")
    os.mkdir(wheels)
    try:
        shutil.copytree(checkout, source, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        # Both distributions have to be in the working set; setuptools reads it when it is imported.
        for part in [source, os.path.join(source, "zc.recipe.egg_")]:
            subprocess.run(
                [sys.executable, "setup.py", "-q", "egg_info"], cwd=part, check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            sys.path.insert(0, os.path.join(part, "src"))
            standins.build(part, wheels)
        for tool in ("setuptools", "wheel", "pip", "packaging"):
            standins.pack(tool, wheels)
        stand_in_for_manuel()
        doctest.DocFileSuite = Suite
        doctest.DocTestSuite = lambda *names, **options: Suite(**options)
        import zc.buildout.testing  # noqa: F401 (first: the tests import each other in a circle)
        # pip has given up .egg archives: sample distributions are wheels.
        zc.buildout.testing.bdist_egg = lambda setup, executable, dest=None: (
            zc.buildout.testing.bdist_wheel(setup, dest or executable))
        import zc.buildout.tests.test_all as originals
        import unittest
        declared = []
        unittest.TestSuite = lambda suites=(): declared.extend(suites)
        originals.test_suite()
        folder = os.path.dirname(originals.__file__)
        for suite in declared:
            for document in getattr(suite, "documents", ()):
                if document.endswith(".txt") and (not documents or document in documents):
                    for result in run(suite, document, folder, os.path.abspath(command), wheels):
                        print(json.dumps(result), file=sys.__stdout__, flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), *sys.argv[2:])
