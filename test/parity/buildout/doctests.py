"""Runs zc.buildout's own doctests with another `bin/buildout`, and records the result of each example.

    doctests.py prepare CHECKOUT SCRATCH
    doctests.py list SCRATCH
    doctests.py run SCRATCH BUILDOUT DOCUMENT

CHECKOUT is a source tree of zc.buildout. Its documents, those of its zc.recipe.egg and its manual, and the docstrings
of its tests are run as they are, with their setup and normalizers. `prepare` copies it to SCRATCH, an empty
directory. `list` prints the documents, one per line; docstrings are grouped by the dozen. Only `bin/buildout` of
each sample buildout is replaced, by BUILDOUT. `run` writes one JSON object per line for each example that runs a
program or shows what one has left: {"document", "line", "touches", "how", "want", "got", "settled"}. "touches" says
whether BUILDOUT has run in the document by then: other examples show what the original's own code did. "how" says how
similar the result is (`likeness`). "settled" is "got" without what differs in another run or on another machine.

Needs zope.testing, build, and the setuptools, packaging, pip and wheel that CHECKOUT needs, on
PYTHONPATH.
"""
import contextlib
import doctest
import inspect
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
LOOKS = ("system(", "cat(", "ls(", "read(", "os.listdir(", "os.path.exists(", "run_buildout(")

CAPTURE = re.compile(r"^( *)\.\. *-> *(\S+).*$", re.MULTILINE)


class Suite:
    """Documents that share a setup, as the original's test suite declares them."""

    def __init__(self, *documents, setUp=None, tearDown=None, optionflags=0, checker=None, **_unused):
        declared_in = inspect.currentframe().f_back
        while declared_in.f_globals["__name__"] == __name__:
            declared_in = declared_in.f_back
        self.module = sys.modules[declared_in.f_globals["__name__"]]
        self.documents = documents
        self.set_up, self.tear_down = setUp, tearDown
        self.flags, self.checker = optionflags, checker


def stand_in_for_manuel():
    """The original's suites are declared with manuel, which need not be installed just to read them."""

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
    """The block that ends before a line `.. -> NAME`: everything after the last line that is indented less."""
    indent = len(directive.group(1))
    block = []
    for line in reversed(text[: directive.start()].splitlines()):
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        block.insert(0, line)
    return textwrap.dedent("\n".join(block).strip("\n") + "\n")


def examples_of(text, name):
    """The examples and captures of a document, in their order."""
    parts = [(example.lineno, example) for example in doctest.DocTestParser().get_examples(text, name)]
    for directive in CAPTURE.finditer(text):
        assignment = "%s = %r\n" % (directive.group(2), captured(text, directive))
        line = text.count("\n", 0, directive.start())
        parts.append((line, doctest.Example(assignment, "", lineno=line)))
    return [example for _, example in sorted(parts, key=lambda part: part[0])]


def bare(output):
    """The output without the lines that follow our errors: the location and the hint, which are indented."""
    lines, below = [], False
    for line in output.splitlines(True):
        if below and line.startswith("  "):
            continue
        # A message may have several lines, including empty ones.
        below = line.startswith("Error: ") or (below and not line.startswith("While:"))
        lines.append(line)
    return "".join(lines)


# An error not meant for users: a traceback in the original, one line here (docs/differences.md, errors).
TRACEBACK = re.compile(
    r"(?:<BLANKLINE>\n|^\n)?^An internal error occurred.*\n(?:recipe being used:\n)?"
    r"(?:Traceback \(most recent call last\):\n)?(?:(?:\.\.\.| .*)\n)*", re.MULTILINE)
ELIDED_CLASS = re.compile(r"^\.\.\. \w+: ", re.MULTILINE)
OUR_FAILURE = re.compile(r"^Error: The recipe \S+ of part \S+ failed: ", re.MULTILINE)


def in_one_form(want, got):
    """Both, with their errors as one line."""
    want = ELIDED_CLASS.sub("... ", TRACEBACK.sub("Error: ", want))
    return want, OUR_FAILURE.sub("Error: ", bare(got))


# Output that only this engine prints; docs/differences.md has a line on each.
ADDITIONS = [re.compile(pattern, re.MULTILINE) for pattern in (
    # `.gitignore`; ~/.cache/hostout, if an example's home directory is in its buildout.
    r"^Creating '.*/\.gitignore'\.\n", r"^-  \.gitignore\n", r"^\(\{'\.gitignore'(?:, 'home')?\}, set\(\)\)\n",
    # A recipe in Python: if its process ends, the error message says so.
    r"^While:\n  (?:Installing|Updating) \S+\nError: The Python process ended with exit status .*\n",
    # Scripts that a distribution contains as files.
    r"^Generated script '.*/bin/distutilsscript'\.\n")]


def likeness(check, want, got):
    """How similar the two are: "exactly", "form", "addition", or None if they differ."""
    if check(want, got):
        return "exactly"
    want, got = in_one_form(want, got)
    if check(want, got):
        return "form"
    for addition in ADDITIONS:
        got = addition.sub("", got)
    return "addition" if check(want, got) else None


# What differs in another run or on another machine.
UNSETTLED = [(re.compile(pattern), replacement) for pattern, replacement in (
    (r"/[^\s'\":,]*/_TEST_\b", ""), (r"/tmp/[^\s'\":,)]+", "TEMPORARY"), (r"\b[0-9a-f]{32,64}\b", "HASH"),
    (r"(localhost|127\.0\.0\.1):\d+", r"\1:PORT"), (r"0x[0-9a-f]+", "ADDRESS"),
    (r"\bpy\d\.\d+|\bpython\d\.\d+|\bcp(ython-)?\d{2,3}\b", "PYTHON"),
    (r"\S+/bin/python\S*", "PYTHON"), (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[.,]?\d*", "TIME"),
    (r"line \d+", "line N"), (r"\b(pip|setuptools|wheel|packaging)([-= ]+)\d[\w.]*", r"\1\2VERSION"),
    (r"[ \t]+", " "),
    # Each version of pip reports its work differently, and each version of this engine has another stack at -D.
    (r"(?m)^(?:Looking in|Processing|Collecting|Requirement already|INFO: pip|ERROR:|WARNING:|"
     r" (?:Downloading|Preparing|Using|Getting requirements|Installing build|Created wheel|Stored in)|"
     r" at (?:async|process\.|.*\(file:)).*\n", ""))]


class Recorder(doctest.DocTestRunner):
    """Continues after a failure and keeps the output of every example."""

    def __init__(self, suite, engine):
        # Every failure is reported, not only the first.
        flags = suite.flags & ~doctest.REPORT_ONLY_FIRST_FAILURE
        super().__init__(checker=suite.checker, verbose=False, optionflags=flags)
        self.started, self.results = engine.started, []
        self.checkout = os.path.dirname(os.path.dirname(engine.command))

    def _settled(self, got):
        got = got.replace(self.checkout + "/", "OURS/")
        for pattern, replacement in [*getattr(self._checker, "patterns", ()), *UNSETTLED]:
            got = pattern.sub(replacement, got)
        return got.strip()

    def _note(self, test, example, ok, got):
        def check(want, shown):
            return self._checker.check_output(want, shown, self.optionflags)

        how = "exactly" if ok else likeness(check, example.want, got)
        if any(word in example.source for word in LOOKS):
            self.results.append({
                "document": test.name, "line": (test.lineno or 0) + example.lineno + 1,
                "touches": os.path.exists(self.started), "how": how, "want": example.want, "got": got,
                "settled": self._settled(got),
            })

    def report_start(self, out, test, example):
        pass

    def report_success(self, out, test, example, got):
        self._note(test, example, True, got)

    def report_failure(self, out, test, example, got):
        self._note(test, example, False, got)

    def report_unexpected_exception(self, out, test, example, exc_info):
        self._note(test, example, False, "".join(doctest.traceback.format_exception(*exc_info)))


# The originals use a directory as their index: pip takes it and its subdirectories as links. The original
# finds setuptools and itself in its own Python; here, pip finds them among the links, as it would on PyPI.
ENGINE = """#!/bin/sh
: > '%s'
unset PYTHONPATH PYTHONDONTWRITEBYTECODE
PATH=%s:$PATH
export PATH
index=${buildout_testing_index_url#file://}
PIP_NO_INDEX=1 PIP_FIND_LINKS="$([ -d "$index" ] && find "$index" -type d) %s"
npm_config_offline=true
export PIP_NO_INDEX PIP_FIND_LINKS npm_config_offline
exec "%s" "$@"
"""


class Engine:
    """Creates commands that run BUILDOUT and leave a sign that it has started."""

    def __init__(self, command, scratch, wheels):
        self.command, self.wheels = command, wheels
        self.started = os.path.join(scratch, "started")
        self.own = os.path.join(scratch, "buildout")
        self.write(self.own)

    def write(self, script):
        python = os.path.dirname(sys.executable)
        with open(script, "w") as file:
            file.write(ENGINE % (self.started, python, self.wheels, self.command))
        os.chmod(script, 0o755)

    def run_for_manual(self, command="buildout"):
        """How the manual's examples run it: in the working directory, without a sample buildout."""
        environment = dict(os.environ, HOME=os.path.join(os.getcwd(), "home"))
        with open("out", "wb") as out:
            run = subprocess.run(
                [self.own, *command.split()[1:]], env=environment, stdout=out, stderr=subprocess.STDOUT)
        if run.returncode != 0:
            with open("out") as out:
                print(out.read())


def documents_of(suite):
    """(name, the file, a DocTest) for each document and each docstring."""
    if not suite.documents:
        for test in doctest.DocTestFinder(exclude_empty=True).find(suite.module):
            if "buildout" in test.docstring and any(look in test.docstring for look in LOOKS):
                test.name = os.path.basename(suite.module.__file__)
                yield test
    for document in suite.documents:
        path = os.path.join(os.path.dirname(suite.module.__file__), document)
        with open(path) as file:
            text = file.read()
        name = os.path.basename(document)
        if suite.module.__name__ == "zc.recipe.egg.tests":
            name = "zc.recipe.egg/" + name
        yield doctest.DocTest(examples_of(text, document), {"__file__": path}, name, path, 0, text)


def run(suite, test, engine):
    recorder = Recorder(suite, engine)
    here = os.getcwd()
    with contextlib.suppress(FileNotFoundError):
        os.remove(engine.started)
    try:
        if suite.set_up is not None:
            suite.set_up(test)
        if "buildout" in test.globs:
            engine.write(test.globs["buildout"])
        if "run_buildout" in test.globs:
            test.globs["run_buildout"] = engine.run_for_manual
        recorder.run(test, out=lambda text: None, clear_globs=False)
    finally:
        if suite.tear_down is not None:
            suite.tear_down(test)
        os.chdir(here)
    return recorder.results


def made_once(create, kept):
    """The setup of most documents builds the same distributions."""

    def create_once(test, *arguments):
        if not os.path.exists(kept):
            create(test, *arguments)
            shutil.copytree(test.globs["sample_eggs"], kept)
        else:
            shutil.copytree(kept, test.globs["sample_eggs"], dirs_exist_ok=True)

    return create_once


def build_without_index(distribution, source, folder):
    """Replaces a build in an isolated environment, which would have to be downloaded."""
    command = {"sdist": "sdist", "wheel": "bdist_wheel"}[distribution]
    subprocess.run(
        [sys.executable, "setup.py", "-q", command, "-d", os.path.abspath(folder)], cwd=source,
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def suites_of(scratch):
    """The test suites declared by zc.buildout and zc.recipe.egg."""
    stand_in_for_manuel()
    doctest.DocFileSuite = Suite
    doctest.DocTestSuite = Suite
    import zc.buildout.testing  # noqa: F401 (first: the tests import each other in a circle)
    import unittest

    import pkg_resources
    import zc.buildout.easy_install
    import zc.buildout.tests as support
    # If there are two zc.buildouts of one version, the original reads requirements from the one whose path is last in
    # the alphabet, which may not be the copy, and may have no requirements.
    zc.buildout.easy_install.buildout_and_setuptools_dists[:] = pkg_resources.WorkingSet(
        sys.path).resolve(pkg_resources.parse_requirements("zc.buildout"))
    import zc.buildout.tests.test_all as originals
    import zc.recipe.egg.tests as recipe
    support.create_sample_eggs = made_once(
        support.create_sample_eggs, os.path.join(scratch, "sample-eggs"))
    originals._build_in_isolated_env = build_without_index
    declared = []
    unittest.TestSuite = lambda suites=(): declared.extend(suites)
    originals.test_suite()
    recipe.test_suite()
    return [suite for suite in declared if isinstance(suite, Suite)]


def use(scratch):
    """From now on, imports the copy of the original."""
    source = os.path.join(scratch, "checkout")
    for part in [source, os.path.join(source, "zc.recipe.egg_")]:
        sys.path.insert(0, os.path.join(part, "src"))


def prepare(checkout, scratch):
    """Creates in `scratch` what the documents share."""
    # The documents write below their own package, so they work on a copy.
    source = os.path.join(scratch, "checkout")
    wheels = os.path.join(scratch, "wheels")
    os.mkdir(wheels)
    shutil.copytree(checkout, source, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    # Both distributions must be in the working set; setuptools reads it when it is imported.
    for part in [source, os.path.join(source, "zc.recipe.egg_")]:
        subprocess.run(
            [sys.executable, "setup.py", "-q", "egg_info"], cwd=part, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        standins.build(part, wheels)
    # Distributions that the manual installs.
    needs = {"bobo": ["WebOb"], "WebOb": [], "six": []}
    for name, requires in needs.items():
        module = name.lower()
        standins.write_wheel(
            wheels, name, "2.3.0", {module + ".py": "def main():\n    pass\n"},
            ["Requires-Dist: " + one for one in requires],
            "[console_scripts]\n%s = %s:main\n" % (module, module) if requires else "")


# The number of docstrings to run together.
TOGETHER = 12


def units(scratch):
    """(name, suite, tests) for each group to run together: a document, or some docstrings."""
    use(scratch)
    for suite in suites_of(scratch):
        tests = list(documents_of(suite))
        if suite.documents:
            for test in tests:
                yield test.name, suite, [test]
            continue
        for start in range(0, len(tests), TOGETHER):
            yield "%s#%d" % (tests[0].name, start // TOGETHER + 1), suite, tests[start:start + TOGETHER]


def list_units(scratch):
    for name in dict.fromkeys(name for name, _, _ in units(scratch)):
        print(name, file=sys.__stdout__)


def run_unit(scratch, command, wanted):
    own = tempfile.mkdtemp("parity")
    try:
        engine = Engine(os.path.abspath(command), own, os.path.join(scratch, "wheels"))
        for name, suite, tests in units(scratch):
            for test in tests if name == wanted else ():
                for result in run(suite, test, engine):
                    print(json.dumps(result), file=sys.__stdout__, flush=True)
    finally:
        shutil.rmtree(own, ignore_errors=True)


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    if what != "run":
        words = [os.path.abspath(word) for word in words]
    {"prepare": prepare, "list": list_units, "run": run_unit}[what](*words)
