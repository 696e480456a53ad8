"""zc.buildout's Installer. The engine resolves and installs; recipes read and set the settings for that here, and
extensions replace its methods to receive each distribution.
"""

import sys
from collections.abc import MutableMapping

import zc.buildout
from _hostout import distributions as _distributions
from _hostout.channel import request
from _hostout.requirements import Requirement, canonical


class Pins(MutableMapping):
    """The current pins: name -> version. Their section keeps its own spelling."""

    def _all(self):
        return {canonical(name): version for name, version in request("versions").items()}

    def replace(self, pins):
        spelled = {canonical(name): name for name in request("versions")}
        request("set-versions", {
            spelled.get(canonical(name), name): version for name, version in pins.items()})

    def __getitem__(self, name):
        return self._all()[canonical(name)]

    def __setitem__(self, name, version):
        self.replace(dict(self._all(), **{canonical(name): version}))

    def __delitem__(self, name):
        pins = self._all()
        del pins[canonical(name)]
        self.replace(pins)

    def __iter__(self):
        return iter(self._all())

    def __len__(self):
        return len(self._all())

    def __repr__(self):
        return repr(self._all())


PINS = Pins()


class Read(object):
    """A class attribute that is computed on each access."""

    def __init__(self, read):
        self._read = read

    def __get__(self, instance, owner=None):
        return self._read()


def _flag(option, default):
    return Read(lambda: (request("option", "buildout", option) or default) == "true")


def picked_versions():
    """`({name: version} of those without a pin, {name: who requires it})`."""
    picked = request("picked-versions")
    return ({one["option"]: one["version"] for one in picked},
            {one["option"]: set(one["requiredBy"]) for one in picked if one["requiredBy"]})


def constrained(constraint, requirement):
    """The requirement with a pin, or with another condition such as `<2`."""
    if constraint[:1] in "<>=!~":
        specs = [spec for spec in (str(requirement.specifier), constraint) if spec]
        text = ",".join(specs)
    else:
        text = "==" + constraint
    extras = "[%s]" % ",".join(requirement.extras) if requirement.extras else ""
    return type(requirement).parse("%s%s%s" % (requirement.project_name, extras, text))


class Installer(object):

    _versions = PINS
    _required_by = Read(lambda: picked_versions()[1])
    _picked_versions = Read(lambda: picked_versions()[0])
    _download_cache = Read(lambda: request("option", "buildout", "download-cache") or None)
    _index_url = Read(lambda: request("option", "buildout", "index") or None)
    _install_from_cache = _flag("install-from-cache", "false")
    _prefer_final = _flag("prefer-final", "true")
    _use_dependency_links = _flag("use-dependency-links", "true")
    _allow_picked_versions = _flag("allow-picked-versions", "true")
    _store_required_by = _flag("show-picked-versions", "false")
    _allow_unknown_extras = _flag("allow-unknown-extras", "false")
    _namespace_packages = {}

    def __init__(self, dest=None, links=(), index=None, executable=sys.executable,
                 always_unzip=None, path=None, newest=True, versions=None,
                 use_dependency_links=None, allow_hosts=("*",), check_picked=True,
                 allow_unknown_extras=False):
        self._dest = dest
        self._links = list(self._fix_file_links(links))
        if index:
            self._index_url = index
        self._index_of_call = index
        self._executable = executable
        self._path = list(path or ())
        self._newest = newest and dest is not None
        self._allow_hosts = tuple(allow_hosts)
        self._check_picked = check_picked
        self._found = {}
        if versions is not None:
            self._versions = {canonical(name): version for name, version in versions.items()}

    @property
    def _index(self):
        from _hostout.package_index import get_index

        return get_index(self._index_url, self._links, self._allow_hosts)

    @staticmethod
    def _fix_file_links(links):
        for link in links:
            yield link[7:] if link.startswith("file://") else link

    def _ask(self, requirements, destination):
        own = vars(self).get("_versions")
        asked = {
            "destination": destination, "index": self._index_of_call,
            "links": self._links or None,
            "executable": None if self._executable == sys.executable else self._executable,
            "versions": own,
        }
        asked = {name: value for name, value in asked.items() if value is not None}
        items = request("working-set", [str(one) for one in requirements], asked)
        return _distributions.from_engine(items)

    def install(self, specs, working_set=None):
        """A working set for the requirements with all dependencies, installed if they are missing."""
        found = self._ask(specs, self._dest)
        listening = type(self)._get_dist is not Installer._get_dist
        if working_set is None and not (listening or heard()):
            return found
        if working_set is None:
            working_set = type(found)([])
        self.tell(list(found), [Requirement(str(spec)) for spec in specs], working_set)
        return working_set

    def tell(self, found, requirements, working_set):
        """Lets `_get_dist` return each distribution, for the requirement that led to it."""
        self._found = {canonical(dist.project_name): dist for dist in found}
        wanted = {canonical(one.project_name): one for one in requirements}
        for dist in found:
            for requirement in dist.requires():
                wanted.setdefault(canonical(requirement.project_name), requirement)
        for name, dist in self._found.items():
            requirement = self._constrain(wanted.get(name) or dist.as_requirement())
            self._log_requirement(working_set, requirement)
            for got in self._get_dist(requirement, working_set):
                _distributions.put(working_set, got)

    def _get_dist(self, requirement, ws):
        """The distributions for a requirement, without their dependencies."""
        name = canonical(requirement.project_name)
        if name not in self._found:
            self._found.update(
                (canonical(dist.project_name), dist)
                for dist in self._ask([requirement], self._dest))
        return [self._found[name]]

    def _constrain(self, requirement):
        """The requirement with the pin for its project."""
        pin = self._versions.get(canonical(requirement.project_name))
        return constrained(pin, requirement) if pin else requirement

    def _satisfied(self, req, source=None):
        """`(installed distribution, None)` or `(None, distribution from an index)`."""
        try:
            return self._ask([req], None).find(req), None
        except zc.buildout.UserError:
            return None, self._obtain(req, source)

    def _obtain(self, requirement, source=None):
        """The best distribution from an index or link; its location is its URL."""
        return self._index.obtain(self._constrain(requirement), source)

    def _log_requirement(self, ws, req):
        """Called for each requirement. Does nothing: the engine logs them itself."""

    def build(self, spec, build_ext):
        return request("build", str(spec), dict(build_ext),
                       {"links": self._links or None, "index": self._index_of_call})


_OWN = Installer._get_dist, Installer._log_requirement


def heard():
    """Whether an extension has replaced the methods that receive each distribution or requirement."""
    return (Installer._get_dist, Installer._log_requirement) != _OWN
