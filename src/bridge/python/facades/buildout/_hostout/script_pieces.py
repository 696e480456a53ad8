"""What recipes use to write scripts of their own. The engine writes the usual ones."""

import os
import re
import stat

from zc.buildout.rmtree import rmtree

relative_paths_setup = """
import os

join = os.path.join
base = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))
"""

py_script_template = """#!%(python)s
%(relative_paths_setup)s
import sys

sys.path[0:0] = [
  %(path)s
  ]
%(initialization)s

if len(sys.argv) > 1:
    sys.argv[:] = sys.argv[1:]
    __file__ = sys.argv[0]
    with open(__file__) as _script:
        exec(compile(_script.read(), __file__, "exec"))
else:
    __import__("code").interact(banner="", local=globals())
"""

FILE_SCHEME = re.compile("file://", re.I).match
is_source_encoding_line = re.compile(r"coding[:=]\s*([-\w.]+)").search
_safe_arg = str


def _relativitize(path, script, relative_paths):
    """The path as a Python expression, relative to `base` if it is in that directory."""
    if path == relative_paths:
        return "base"
    folder = os.path.join(relative_paths, "")
    if not (path.startswith(folder) and script.startswith(folder)):
        return repr(path)
    return "join(base, %r)" % path[len(folder):]


def _relative_path(common, path):
    """The path relative to a directory above it."""
    if not path.startswith(os.path.join(common, "")):
        raise AssertionError("%s is not below %s" % (path, common))
    return os.path.relpath(path, common)


def _relative_depth(common, path):
    """The number of directories between a path and a directory above it."""
    return _relative_path(common, path).count(os.sep)


def _relative_path_and_setup(sname, path, relative_paths):
    """`(the entries for sys.path, the lines that compute base)` of a script."""
    if not relative_paths:
        return ",\n  ".join(map(repr, path)), ""
    script = os.path.abspath(sname)
    entries = ",\n  ".join(_relativitize(entry, script, relative_paths) for entry in path)
    up = "base = os.path.dirname(base)\n" * _relative_depth(relative_paths, script)
    return entries, relative_paths_setup + up


def _rm(*paths):
    for path in paths:
        if os.path.isdir(path):
            rmtree(path)
        elif os.path.exists(path):
            os.remove(path)


def _file_changed(filename, old_contents, mode="r"):
    """Whether the file is missing or has other content."""
    try:
        with open(filename, mode) as file:
            return file.read() != old_contents
    except FileNotFoundError:
        return True


def _execute_permission():
    """The mode of an executable file under the current umask."""
    mask = os.umask(0o022)
    os.umask(mask)
    return stat.S_IMODE(0o777 - mask)


def normalize_versions(versions):
    """The pins, with their names in the form in which distributions are compared."""
    return {re.sub(r"[-_.]+", "-", name).lower(): pin for name, pin in versions.items()}
