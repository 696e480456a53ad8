"""Starts a worker: gets the modules it consists of from the engine, then serves the engine's calls.

Run by `python -c`, so none of it is on disk. Requests arrive on descriptor 3 and responses leave on
descriptor 4: the standard streams belong to the code that the worker runs.
"""

import os
import sys

if sys.version_info < (3, 8):
    os.write(4, ('{"id": 0, "error": {"kind": "too-old", "message": "%d.%d.%d"}}\n'
                 % sys.version_info[:3]).encode("ascii"))
    sys.exit(1)

import json
import marshal
from binascii import crc32
from importlib.machinery import ModuleSpec

# `-c` puts the working directory on the path: nothing must be imported from there.
if sys.path and sys.path[0] == "":
    del sys.path[0]


class Modules(object):
    """Finds and loads modules whose source is in memory; tracebacks show their lines."""

    def __init__(self, files, texts, kept):
        self.files = files
        self.texts = texts
        self.kept = kept

    def find_spec(self, name, path=None, target=None):
        if name not in self.files:
            return None
        file = self.files[name]
        package = file.endswith("/__init__.py")
        spec = ModuleSpec(name, self, origin="<hostout>/" + file, is_package=package)
        spec.has_location = True
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        code = self.kept.codes.get(name)
        if code is None:
            code = compile(self.get_source(name), "<hostout>/" + self.files[name], "exec")
            self.kept.added[name] = code
        else:
            code = marshal.loads(code)
        exec(code, module.__dict__)

    def get_source(self, name):
        return self.texts()[name]

    def is_package(self, name):
        return self.files[name].endswith("/__init__.py")


class Kept(object):
    """The code of modules that earlier runs have compiled; `_hostout.kept` writes it."""

    def __init__(self, serves, compiled):
        self.codes = {}
        self.added = {}
        self.write = compiled.get("write")
        self.mode = compiled.get("mode")
        # One file for each kind of worker and version of Python.
        self.name = "%s-%s" % (serves, sys.implementation.cache_tag)
        key = [compiled.get("key"), sys.version, sys.flags.optimize]
        self.head = json.dumps(key).encode("ascii") + b"\n"
        for place in compiled.get("read", ()):
            try:
                self.codes = self.content(os.path.join(place["folder"], self.name), place["owner"])
                return
            except (OSError, EOFError, ValueError, TypeError):
                pass

    def content(self, file, owner):
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as content:
            found = os.fstat(content.fileno())
            # It is executed, so nobody else may have written it: see src/cli/start/code-cache.ts.
            if found.st_uid != owner or found.st_mode & 0o022 or found.st_mode >> 12 != 8:
                raise OSError(file)
            head, check, codes = content.readline(), content.readline(), content.read()
            # Python would crash on damaged code.
            if head != self.head or check != self.check(codes):
                raise ValueError(file)
            return marshal.loads(codes)

    def check(self, codes):
        return b"%d\n" % crc32(codes)


def texts_of(line):
    """Functions that return the texts of each group of modules; few runs need any."""
    parsed = []

    def group(number):
        if not parsed:
            parsed.extend(json.loads(line))
        return parsed[number]

    return [lambda: group(0), lambda: group(1)]


def begin():
    for descriptor in (3, 4):
        os.set_inheritable(descriptor, False)
    requests = os.fdopen(3, "rb")
    start = json.loads(requests.readline())
    kept = Kept(start["serves"], start.get("compiled") or {})
    modules, substitutes = (Modules(files, texts, kept) for files, texts in
                            zip(start["files"], texts_of(requests.readline())))
    sys.meta_path.insert(0, modules)
    # Last, for modules that an interpreter may have itself.
    sys.meta_path.append(substitutes)
    from _hostout import worker

    status = worker.run(requests, start)
    if kept.added and kept.write:
        from _hostout.kept import keep

        keep(kept)
    return status


sys.exit(begin())
