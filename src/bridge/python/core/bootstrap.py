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
from importlib.machinery import ModuleSpec

# `-c` puts the working directory on the path: nothing must be imported from there.
if sys.path and sys.path[0] == "":
    del sys.path[0]


class Modules(object):
    """Finds and loads modules whose source is in memory; tracebacks show their lines."""

    def __init__(self, texts):
        self.texts = texts

    def find_spec(self, name, path=None, target=None):
        if name not in self.texts:
            return None
        file = self.texts[name][0]
        package = file.endswith("/__init__.py")
        spec = ModuleSpec(name, self, origin="<hostout>/" + file, is_package=package)
        spec.has_location = True
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        code = compile(self.texts[name][1], "<hostout>/" + self.texts[name][0], "exec")
        exec(code, module.__dict__)

    def get_source(self, name):
        return self.texts[name][1]

    def is_package(self, name):
        return self.texts[name][0].endswith("/__init__.py")


def begin():
    for descriptor in (3, 4):
        os.set_inheritable(descriptor, False)
    requests = os.fdopen(3, "rb")
    start = json.loads(requests.readline())
    sys.meta_path.insert(0, Modules(start["modules"]))
    # Last, for modules that an interpreter may have itself.
    sys.meta_path.append(Modules(start["substitutes"]))
    from _hostout import worker

    return worker.run(requests, start)


sys.exit(begin())
