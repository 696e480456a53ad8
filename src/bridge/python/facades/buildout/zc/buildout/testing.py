"""Helpers for doctests of recipes: create a sample buildout and show its files.

A sample buildout runs the command `buildout` of this engine. Over 300 lines, since authors of recipes know it
as one module.
"""

import http.server
import importlib.metadata
import logging
import multiprocessing
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import zc.buildout.buildout
import zc.buildout.easy_install
from _hostout import channel, imported, program, stand_in
from zc.buildout.rmtree import rmtree

print_ = zc.buildout.buildout.print_
is_win32 = sys.platform == "win32"
fsync = os.fsync
MUST_CLOSE_FDS = True


def read(path="out", *rest):
    with open(os.path.join(path, *rest)) as file:
        return file.read()


def cat(dir, *names):
    print_(read(dir, *names), end="")


def eqs(a, *b):
    """None if the two sets are equal, otherwise what only one of them has."""
    first, second = set(a), set(b)
    return None if first == second else (first - second, second - first)


def clear_here():
    for name in os.listdir("."):
        remove(name)


def ls(dir, *subs, lowercase_and_sort_output=False):
    """Prints the entries of a directory: `d`, `l` or `-` and the name."""
    folder = os.path.join(dir, *subs)
    names = sorted(os.listdir(folder), key=str.lower if lowercase_and_sort_output else None)
    for name in names:
        path = os.path.join(folder, name)
        kind = "d" if os.path.isdir(path) else "l" if os.path.islink(path) else "-"
        print_(kind, "", name.lower() if lowercase_and_sort_output else name)


def mkdir(*path):
    os.mkdir(os.path.join(*path))


def remove(*path):
    target = os.path.join(*path)
    if os.path.isdir(target) and not os.path.islink(target):
        shutil.rmtree(target)
    else:
        os.remove(target)


def rmdir(*path):
    shutil.rmtree(os.path.join(*path))


def write(dir, *args):
    with open(os.path.join(dir, *args[:-1]), "w") as file:
        file.write(args[-1])


def clean_up_pyc(*path):
    """Removes the compiled files of a module."""
    folder, name = os.path.join(*path[:-1]), path[-1]
    compiled = name + "c" if name.endswith(".py") else name
    for left in (os.path.join(folder, compiled), os.path.join(folder, "__pycache__")):
        if os.path.exists(left):
            remove(left)


# What this engine adds to an error: its location in a file, and a hint.
_OURS = re.compile(r"(^Error: .*\n(?:[ ]+.*\n)*?)  at \S+(?::\d+)?\n(?:  .*\n)*", re.M)


def system(command, input="", with_exit_code=False, env=None):
    """The output of a program: standard output, then standard error, as in zc.buildout."""
    process = subprocess.run(
        command, shell=isinstance(command, str), input=input.encode(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=dict(os.environ, TERM="dumb", **(env or {})))
    output = process.stdout.decode() + _OURS.sub(r"\1", process.stderr.decode())
    return output + "EXIT CODE: %s" % process.returncode if with_exit_code else output


def get(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def _runsetup(setup, *args):
    folder = setup if os.path.isdir(setup) else os.path.dirname(setup)
    paths = os.pathsep.join(filter(None, [zc.buildout.easy_install.pip_pythonpath,
                                          os.environ.get("PYTHONPATH")]))
    zc.buildout.easy_install.call_subprocess(
        [sys.executable, "setup.py", "-q"] + list(args), cwd=folder or None,
        env=dict(os.environ, PYTHONPATH=paths),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if os.path.exists(os.path.join(folder, "build")):
        rmtree(os.path.join(folder, "build"))


def sdist(setup, dest):
    _runsetup(setup, "sdist", "-d", os.path.abspath(dest))


def bdist_egg(setup, executable, dest=None):
    _runsetup(setup, "bdist_egg", "-d", os.path.abspath(dest or executable))


def bdist_wheel(setup, dest):
    _runsetup(setup, "bdist_wheel", "-d", os.path.abspath(dest))


def wait_until(label, func, *args, timeout=30, **kw):
    end = time.monotonic() + timeout
    while not func(*args, **kw):
        if time.monotonic() > end:
            raise ValueError("Timed out waiting for: " + label)
        time.sleep(0.01)


class TestOptions(zc.buildout.buildout.SectionOptions):
    """Options whose recipe may record created paths at any time."""

    def __init__(self, *args):
        super().__init__(*args)
        self._created, self._told = [], 0

    def initialize(self):
        """Does not initialize recipes."""


class Buildout(zc.buildout.buildout.Buildout):
    """A buildout in the working directory, without an engine, for which a recipe can be created."""

    Options = TestOptions

    def __init__(self):
        for name in (os.path.join("eggs", "v5"), "parts"):
            os.makedirs(name, exist_ok=True)
        channel.answer_with(stand_in.Sections(os.getcwd()).handlers())
        super().__init__()

    def __getitem__(self, section):
        if section in self and section not in self._data:
            self._data[section] = TestOptions(self, section)
        return super().__getitem__(section)

    def print_options(self):
        for name in sorted(set(self) - {"buildout", "versions"}):
            print_("[%s]" % name)
            for option, value in sorted(self[name].items()):
                print_(option, "=", value)


# Options for pip that limit a sample buildout to the index of the test.
_COMMAND = """#!/bin/sh
index=${buildout_testing_index_url#file://}
[ -d "$index" ] && PIP_NO_INDEX=1 PIP_FIND_LINKS=$(find "$index" -type d)
export PIP_NO_INDEX PIP_FIND_LINKS
unset PYTHONPATH
PATH=%s:$PATH
export PATH
# What is tested are recipes in Python, also those that the engine has of its own.
exec %s buildout:native-recipes=false "$@"
"""


def _sample(directory):
    """Creates a buildout without parts in a directory."""
    for name in ("bin", os.path.join("eggs", "v5"), "parts", "develop-eggs"):
        os.makedirs(os.path.join(directory, name))
    write(directory, "buildout.cfg", "[buildout]\nparts =\n")
    command = os.path.join(directory, "bin", "buildout")
    write(command, _COMMAND % (shlex.quote(os.path.dirname(sys.executable)),
                               shlex.quote(program.path())))
    os.chmod(command, 0o755)


def _restored(names):
    """A function that sets environment variables back to their current values."""
    before = {name: os.environ.get(name) for name in names}

    def restore():
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    return restore


def buildoutSetUp(test):
    """Creates a sample buildout, makes it the working directory, and gives the helpers to the test."""
    tear_downs = []
    register = tear_downs.append
    here = os.getcwd()
    register(lambda: os.chdir(here))
    root_logger = logging.getLogger()
    handlers = root_logger.handlers[:]
    register(lambda: setattr(root_logger, "handlers", handlers))
    register(_restored(["HOME", "buildout_testing_index_url"]))
    default_index = zc.buildout.easy_install.default_index_url
    register(lambda: setattr(zc.buildout.easy_install, "default_index_url", default_index))

    top = os.path.realpath(tempfile.mkdtemp("buildoutSetUp"))
    register(lambda: rmtree(top))
    base = os.path.join(top, "_TEST_")
    index = os.path.realpath(tempfile.mkdtemp("buildouttests"))
    register(lambda: rmtree(index))
    os.environ["HOME"] = os.path.join(top, "bbbBadHome")
    os.environ["buildout_testing_index_url"] = "file://" + index
    zc.buildout.easy_install.default_index_url = "file://" + index
    sample = os.path.join(base, "sample-buildout")
    _sample(sample)
    os.chdir(sample)

    def tmpdir(name):
        mkdir(base, name)
        return os.path.join(base, name)

    def serve(path):
        port, thread = _start_server(path)
        url = "http://localhost:%s/" % port
        register(lambda: stop_server(url, thread))
        return url

    before = []

    def cd(*path):
        before.append(os.getcwd())
        os.chdir(os.path.join(*path))

    test.globs.update({
        "__tear_downs": tear_downs, "register_teardown": register, "sample_buildout": sample,
        "buildout": os.path.join(sample, "bin", "buildout"), "tmpdir": tmpdir,
        "start_server": serve, "stop_server": stop_server, "cd": cd,
        "uncd": lambda: os.chdir(before.pop()), "join": os.path.join, "os": os,
        "ls": ls, "cat": cat, "mkdir": mkdir, "rmdir": rmdir, "remove": remove, "write": write,
        "system": system, "get": get, "sdist": sdist, "bdist_egg": bdist_egg,
        "wait_until": wait_until, "print_": print_, "clean_up_pyc": clean_up_pyc,
    })


def buildoutTearDown(test):
    for undo in test.globs["__tear_downs"]:
        undo()


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a directory. After `/enable_server_logging`, prints each request."""

    def do_GET(self):
        switch = {"/enable_server_logging": True, "/disable_server_logging": False}
        if self.path in switch:
            self.server.logging = switch[self.path]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif "__stop__" in self.path:
            self.send_response(200)
            self.end_headers()
            threading.Thread(target=self.server.shutdown).start()
        else:
            super().do_GET()

    def log_request(self, code="-", size="-"):
        if self.server.logging:
            print_("%s %s %s" % (self.command, int(code), self.path))

    def log_message(self, format, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    logging = False

    def __init__(self, tree, *args):
        self.tree = os.path.abspath(tree)
        super().__init__(*args)

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, self, directory=self.tree)


def _serve(server):
    with server:
        server.serve_forever(poll_interval=0.05)


def _run(tree, port):
    _serve(Server(tree, ("localhost", port), Handler))


def _start_server(tree, name=""):
    server = Server(tree, ("localhost", 0), Handler)
    thread = threading.Thread(target=_serve, args=(server,), name=name, daemon=True)
    thread.start()
    return server.server_address[1], thread


def get_port():
    """A free port."""
    with Server(".", ("localhost", 0), Handler) as server:
        return server.server_address[1]


def start_server(tree):
    return _start_server(tree)[0]


def stop_server(url, thread=None):
    try:
        get(url + "__stop__")
    except OSError:
        pass  # it is gone already
    if thread is not None:
        thread.join()


def wait(port, up):
    """Waits until something listens on a port, or until nothing does."""
    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("localhost", port)) == 0

    wait_until("port %s" % port, lambda: listens() == up)


def _location(project):
    """The directory that an installed project is imported from."""
    return str(importlib.metadata.distribution(project).locate_file(""))


def install(project, destination):
    """Makes a project that is installed here available to the sample buildout."""
    if isinstance(destination, str):
        return _link(project, destination)
    return install_develop(project, destination)


def install_develop(project, destination):
    """The same as a develop package."""
    if not isinstance(destination, str):
        destination = os.path.join(destination.globs["sample_buildout"], "develop-eggs")
    _link(project, destination)


def _link(project, folder):
    location = _location(project)
    if location == "zc.buildout" or project in ("zc.buildout", "zc.recipe.egg"):
        return  # the engine has them itself
    write(folder, project + ".egg-link", location)


def _normalize_path(match):
    return "/" + match.group(1).replace(os.sep, "/")


# Pairs for normalizing checkers: pattern, replacement.
normalize_path = (
    re.compile(r"[^'\" \t\n\r]+%(s)s_[Tt][Ee][Ss][Tt]_%(s)s([^\"' \t\n\r]+)"
               % {"s": re.escape(os.sep)}), _normalize_path)
normalize_endings = re.compile("\r\n"), "\n"
normalize_script = (
    re.compile("(\n?)-  ([a-zA-Z_.-]+)-script[.]py\n-  \\2[.]exe\n"), r"\1-  \2" "\n")
normalize___pycache__ = re.compile("(\n?)d  __pycache__\n"), r"\1"
normalize_egg_py = re.compile(r"-py\d[.]\d+(-\S+)?[.]egg"), "-pyN.N.egg"
normalize_exception_type_for_python_2_and_3 = (
    re.compile(r"^(\w+[.])*([A-Z][A-Za-z0-9]+Error: )"), r"\2")
normalize_open_in_generated_script = re.compile(r"open\(__file__, 'U'\)"), "open(__file__)"
not_found = re.compile(r"Not found: [^\n]+/(\w|[.]|-)+/\r?\n"), ""
easyinstall_deprecated = re.compile(".*EasyInstallDeprecationWarning.*\n"), ""
setuptools_deprecated = re.compile(".*SetuptoolsDeprecationWarning.*\n"), ""
pkg_resources_deprecated = re.compile(".*PkgResourcesDeprecationWarning.*\n"), ""
warnings_warn = re.compile(r".*warnings[.]warn.*\n"), ""
adding_find_link = re.compile("Adding find link '[^']+' from setuptools .*\r?\n"), ""
ignore_not_upgrading = (
    re.compile("Not upgrading because not running a local buildout command.\n"), "")
ignore_root_logger = re.compile("root:.*"), ""
ignore_native_namespace_warning_1 = re.compile("!!"), ""
ignore_native_namespace_warning_2 = re.compile("[*]{80}"), ""
ignore_native_namespace_warning_3 = (
    re.compile(r"Please replace its usage with implicit namespaces \(PEP 420\)[.]"), "")
ignore_native_namespace_warning_4 = (
    re.compile("See https://setuptools[.]pypa[.]io/\\S+#keyword-namespace-packages for details[.]"),
    "")
ignore_native_namespace_warning_5 = re.compile(r"ep[.]load\(\)\(self, ep[.]name, value\)"), ""


def run_buildout(command):
    """Runs the command line `buildout ...`, without the user's settings."""
    os.environ["HOME"] = os.path.join(os.getcwd(), "home")
    zc.buildout.buildout.main(shlex.split(command)[1:])


def run_from_process(target, *args, **kw):
    """Runs a function; what this process prints from then on goes to the file `out`."""
    with open("out", "w") as out:
        for descriptor in (1, 2):
            os.dup2(out.fileno(), descriptor)
        sys.stdout = sys.stderr = out
        target(*args, **kw)


def run_in_process(*args, **kwargs):
    """Runs the function in a process of its own, and prints its output if it failed."""
    process = multiprocessing.get_context("fork").Process(
        target=run_from_process, args=args, kwargs=kwargs, daemon=True)
    process.start()
    process.join(99)
    if process.is_alive() or process.exitcode:
        print_(read())


def run_buildout_in_process(command="buildout"):
    run_in_process(run_buildout, command)


def setup_coverage(path_to_coveragerc):
    """Python cannot measure the coverage of the engine."""
    if "RUN_COVERAGE" in os.environ:
        raise zc.buildout.UserError("Coverage can't be measured: the engine is no Python code.")


imported.fill(__name__, globals())
