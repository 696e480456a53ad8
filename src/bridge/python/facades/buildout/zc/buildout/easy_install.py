"""Distributions and scripts for recipes. The engine resolves, installs and writes them."""

import os
import re
import sys

import zc.buildout
from _hostout import absent, failure, imported
from _hostout import distributions as _distributions
from _hostout.channel import request
from _hostout.installer import PINS, Installer, picked_versions
from _hostout.installer import constrained as _constrained_requirement  # noqa: F401
from _hostout.requirements import Requirement, Version, canonical
from _hostout.script_pieces import (  # noqa: F401 (recipes import them from here)
    FILE_SCHEME, _execute_permission, _file_changed, _relative_depth, _relative_path,
    _relative_path_and_setup, _relativitize, _rm, _safe_arg, is_source_encoding_line,
    normalize_versions, py_script_template, relative_paths_setup)

# Empty: the index from pip's settings.
default_index_url = os.environ.get("buildout_testing_index_url", "")
url_match = re.compile("[a-z0-9+.-]+://").match
is_win32 = sys.platform == "win32"
is_jython = False
is_distribute = False
WINDOWS = is_win32
BIN_SCRIPTS = "bin"
DUNDER_FILE_PATTERN = re.compile(r"__file__ = '(?P<filename>.+)'$")
has_distutils = True

realpath = os.path.realpath


class IncompatibleConstraintError(zc.buildout.UserError):
    """A requirement is incompatible with a pin."""


IncompatibleVersionError = IncompatibleConstraintError


class VersionConflict(zc.buildout.UserError):
    """Two requirements contradict each other."""


class MissingDistribution(zc.buildout.UserError):
    """No distribution was found for a requirement."""

    def __init__(self, req, ws=()):
        zc.buildout.UserError.__init__(self, req)
        self.data = req, sorted(ws)

    def __str__(self):
        requirement = str(self.data[0])
        if " " in requirement:
            return requirement
        return "Couldn't find a distribution for %r." % requirement


failure.CLASSES["missing-distribution"] = MissingDistribution
failure.CLASSES["version-conflict"] = VersionConflict


def __getattr__(name):
    if name in ("buildout_and_setuptools_path", "setuptools_path", "pip_path"):
        return _tool_paths()
    if name in ("pip_pythonpath", "setuptools_pythonpath"):
        return os.pathsep.join(_tool_paths())
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


# Recipes replace the template, which uses the pieces named in it, to get scripts of another form.
script_header = "#!%(python)s"
_SCRIPT_TEMPLATE = script_template = script_header + """
%(relative_paths_setup)s
import sys
sys.path[0:0] = [
  %(path)s,
  ]
%(initialization)s
import %(module_name)s

if __name__ == '__main__':
    sys.exit(%(module_name)s.%(attrs)s(%(arguments)s))
"""


def _tool_paths():
    """Directories of setuptools and pip, for subprocesses that need them."""
    from importlib.util import find_spec

    found = {os.path.dirname(os.path.dirname(spec.origin))
             for spec in map(find_spec, ("setuptools", "pip")) if spec and spec.origin}
    return sorted(found)


def _listed(words):
    return words.split() if isinstance(words, str) else list(words or ())


def install(specs, dest, links=(), index=None, executable=sys.executable, always_unzip=None,
            path=None, working_set=None, newest=True, versions=None, use_dependency_links=None,
            allow_hosts=("*",), include_site_packages=None,
            allowed_eggs_from_site_packages=None, check_picked=True,
            allow_unknown_extras=False):
    """A working set for the requirements; installs missing ones.

    Nothing is installed without `dest`.
    """
    # Extensions may replace the class.
    installer = Installer(
        dest, _listed(links), index, executable, path=_listed(path), newest=newest,
        versions=versions, use_dependency_links=use_dependency_links, allow_hosts=allow_hosts,
        check_picked=check_picked, allow_unknown_extras=allow_unknown_extras)
    return installer.install([str(spec) for spec in specs], working_set)


def working_set(specs, executable=None, path=None, include_site_packages=None,
                allowed_eggs_from_site_packages=None):
    """A working set of installed distributions."""
    if path is None:
        path, executable = executable, None
    return install(specs, None, path=path, executable=executable or sys.executable)


def sort_working_set(ws, eggs_dir=None, develop_eggs_dir=None):
    """Puts develop packages first; the engine's working sets are in this order already."""
    return ws


def build(spec, dest, build_ext, links=(), index=None, executable=sys.executable, path=None,
          newest=True, versions=None, allow_hosts=("*",)):
    """Builds a distribution from source, with options for its extensions."""
    return request("build", str(spec), dict(build_ext),
                   {"links": _listed(links) or None, "index": index})


def develop(setup, dest, build_ext=None, executable=sys.executable):
    """Makes the package in a directory importable; returns the path of its file in develop-eggs."""
    folder = os.path.abspath(setup if os.path.isdir(setup) else os.path.dirname(setup))
    return request("develop", folder, dict(build_ext or {}))


def scripts(reqs, working_set, executable, dest=None, scripts=None, extra_paths=(), arguments="",
            interpreter=None, initialization="", relative_paths=False):
    """Writes scripts for entry points; returns their paths.

    `reqs`: requirements whose entry points to use, or `(name, module, attributes)`.
    """
    if isinstance(reqs, str):
        raise TypeError("Expected iterable of requirements or entry points, got string.")
    requirements = [req for req in reqs if isinstance(req, str)]
    for req in requirements:
        if working_set.find(Requirement(req)) is None:
            raise ValueError("Could not find requirement %r in working set." % req)
    return request("scripts", {
        "requirements": requirements,
        "entryPoints": [list(req) for req in reqs if not isinstance(req, str)],
        "distributions": [_described(dist) for dist in working_set],
        "executable": executable,
        "destination": dest,
        "scripts": None if scripts is None else dict(scripts),
        "extraPaths": list(extra_paths),
        "arguments": arguments or "",
        "interpreter": interpreter or None,
        "initialization": initialization or "",
        "relativePaths": relative_paths or None,
        "template": script_template if script_template != _SCRIPT_TEMPLATE else None,
    })


def sitepackage_safe_scripts(dest, working_set, executable, site_py_dest=None, reqs=(),
                             scripts=None, interpreter=None, extra_paths=(), initialization="",
                             include_site_packages=False, exec_sitecustomize=False,
                             relative_paths=False, script_arguments="", script_initialization=""):
    """The function of zc.buildout 1.5: writes the same scripts as `scripts`."""
    start = "\n".join(text for text in (initialization, script_initialization) if text)
    return globals()["scripts"](
        reqs, working_set, executable, dest, scripts=scripts, extra_paths=extra_paths,
        arguments=script_arguments, interpreter=interpreter, initialization=start,
        relative_paths=relative_paths)


def _described(dist):
    return {
        "name": dist.project_name,
        "version": str(dist.version),
        "location": dist.location,
        "metadata": dist.egg_info or "",
        "developed": dist.precedence == _distributions.DEVELOP_DIST,
    }


def _setting(option):
    """A function that returns a setting of [buildout]; setting it here has no effect."""
    def read(setting=None):
        return (request("option", "buildout", option) or "false") == "true"
    return read


install_from_cache = _setting("install-from-cache")
prefer_final = _setting("prefer-final")
use_dependency_links = _setting("use-dependency-links")
store_required_by = _setting("show-picked-versions")


def allow_picked_versions(setting=None):
    """Whether versions without a pin are allowed; `setting` changes it from now on."""
    before = (request("option", "buildout", "allow-picked-versions") or "true") == "true"
    if setting is not None:
        request("set-option", "buildout", "allow-picked-versions", str(bool(setting)).lower())
    return before


def default_versions(versions=None):
    """The current pins; `versions` replaces them from now on."""
    before = dict(Installer._versions)
    if versions is not None:
        PINS.replace(versions)
        Installer._versions = PINS
    return before


def download_cache(path=-1):
    """The directory for downloads, or None."""
    return request("option", "buildout", "download-cache") or None


def index_url(setting=None):
    """The index that distributions come from."""
    return request("option", "buildout", "index") or default_index_url


def get_picked_versions():
    """`([(name, version)] chosen without a pin, {name: who requires it})`."""
    versions, required_by = picked_versions()
    return sorted(versions.items()), required_by


def clear_index_cache():
    """Forgets responses of indexes."""
    from _hostout import package_index

    package_index.indexes.clear()


def _get_matching_dist_in_location(dist, location):
    """The distribution in a directory, if it is the only one there and has this name and version."""
    found = list(_distributions.find_distributions(location))
    wanted = canonical(dist.project_name), Version(str(dist.version))
    if [(canonical(one.project_name), one.parsed_version) for one in found] == [wanted]:
        return found[0]
    return None


def call_subprocess(args, **options):
    import subprocess

    if subprocess.call(args, **options) != 0:
        raise Exception("Failed to run command:\n%s" % repr(args)[1:-1])


def get_subprocess_output(args, **options):
    import subprocess

    return subprocess.check_output(args, universal_newlines=True, **options)


absent.fill(__name__, globals())
imported.fill(__name__, globals())
