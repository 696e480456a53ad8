"""The formats that zc.buildout writes, and helpers for them that recipes use."""

import os
import re
import sys

import zc.buildout

_WHITE = {" ": "space", "\n": "space_n", "\r": "space_r", "\f": "space_f", "\v": "space_v"}

# How `.installed.cfg` encodes white space that a parser would strip.
_spacey_defaults = [("%%(__buildout_%s__)s" % name, white) for white, name in _WHITE.items()]
_spacey_nl = re.compile("[ \t\r\f\v]*\n[ \t\r\f\v\n]*|^[ \t\r\f\v]+|[ \t\r\f\v]+$")

ignore_directories = ".svn", "CVS", "__pycache__", ".git"
_bool_names = {"true": True, "false": False, True: True, False: False}


def print_(*args, sep=" ", end="\n", file=None):
    (file or sys.stdout).write(sep.join(map(str, args)) + end)


def _print_options(sep=" ", end="\n", file=None):
    return sep, end, file


def _quote_spacey_nl(match):
    def quoted(text):
        for mark, white in _spacey_defaults:
            text = text.replace(white, mark)
        return text

    return "\n\t".join(quoted(text) for text in match.group(0).split("\n", 1))


def _save_option(option, value, f):
    value = _spacey_nl.sub(_quote_spacey_nl, value)
    newline = "%(__buildout_space_n__)s"
    if value.startswith("\n\t"):
        value = newline + value[2:]
    if value.endswith("\n\t"):
        value = value[:-2] + newline
    print_(option, "=", value, file=f)


def _save_options(section, options, f):
    print_("[%s]" % section, file=f)
    for option, value in sorted(options.items()):
        _save_option(option, value, f)


def _format_picked_versions(picked_versions, required_by):
    """The lines of a section with pins; packages that others require come last, with a note of what requires them."""
    alone, required = ["[versions]"], []
    for name, version in picked_versions:
        pin = "%s = %s" % (name, version)
        if name not in required_by:
            alone.append(pin)
            continue
        askers = ["# " + asker for asker in sorted(required_by[name])]
        required += ["", "# Required by:"] + askers + [pin]
    return alone + required


def _recipe(options):
    """`(requirement, entry point)` from the option `recipe`."""
    recipe = options["recipe"]
    if ":" not in recipe:
        return recipe, "default"
    requirement, entry = recipe.split(":")
    return requirement, entry


def _default_globals():
    """The names that conditions of sections may use."""
    import platform

    system, version = sys.platform.lower(), sys.version.lower()
    kinds = {"pypy": "pypy" in version, "jython": "java" in version, "ironpython": "iron" in version}
    minors = ["2%d" % minor for minor in range(4, 8)] + ["3%d" % minor for minor in range(16)]
    here = "%d%d" % sys.version_info[:2]
    names = {"sys": sys, "os": os, "platform": platform, "re": re}
    names.update({"python2": False, "python3": True})
    names.update(("python" + minor, minor == here) for minor in minors)
    names.update(kinds, cpython=not any(kinds.values()))
    names.update({
        "linux": "linux" in system, "windows": "win32" in system, "cygwin": "cygwin" in system,
        "solaris": "sunos" in system, "macosx": "darwin" in system,
        "posix": os.name.lower() == "posix",
        "bits32": sys.maxsize <= 2 ** 32, "bits64": sys.maxsize > 2 ** 32,
        "little_endian": sys.byteorder == "little", "big_endian": sys.byteorder == "big",
    })
    return names


def _dir_hash(dir):
    """A hash of the names and contents below a directory."""
    import hashlib

    found = hashlib.md5()
    for folder, folders, files in os.walk(dir):
        folders[:] = sorted(name for name in folders if name not in ignore_directories)
        files = sorted(name for name in files if not name.endswith(("pyc", "pyo"))
                       and os.path.exists(os.path.join(folder, name)))
        found.update(" ".join(folders + files).encode())
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                found.update(file.read())
    return found.hexdigest()


def _dists_sig(dists):
    """Signatures of distributions: a hash for develop packages, the file name for others."""
    result = []
    for dist in sorted(set(dists)):
        location = dist.location
        developed = dist.precedence == -1
        result.append("%s-%s" % (dist.project_name, _dir_hash(location)) if developed
                      else os.path.basename(location))
    return result


def _error(*message):
    """Ends the process, as the command line of zc.buildout does."""
    sys.stderr.write("Error: " + " ".join(message) + "\n")
    sys.exit(1)


def _version():
    """Prints the version."""
    from importlib.metadata import version

    print_("buildout version " + version("zc.buildout"))
    sys.exit(0)


def _help():
    raise zc.buildout.UserError("The help is printed by `buildout --help`.")


def command(method):
    """Marks a method as a command of the buildout."""
    method.buildout_command = True
    return method


def commands(cls):
    """Collects the marked methods of a class."""
    cls.COMMANDS.update(name for name, method in vars(cls).items()
                        if hasattr(method, "buildout_command"))
    return cls
