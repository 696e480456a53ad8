"""Distributions and working sets as recipes know them from pkg_resources.

Only what recipes use, taken from the engine's results and from metadata directories on disk. Over 300 lines,
because the classes of pkg_resources and their methods belong together.
"""

import importlib
import os
import re
import sys
import zipimport

from _hostout.requirements import (
    Requirement,
    Version,
    canonical,
    meets,
    parse_requirements,
    safe_name,
    to_filename,
)

DEVELOP_DIST = -1
EGG_DIST = 3


class ResolutionError(Exception):
    """A distribution is missing or does not match the request."""


class DistributionNotFound(ResolutionError):
    """A requested distribution was not found."""


class VersionConflict(ResolutionError):
    """An installed distribution has another version than requested."""


class UnknownExtra(ResolutionError):
    """A distribution has no extra of that name."""


class EntryPoint(object):
    """`name = module:attributes [extras]`."""

    _pattern = r"^(.+?)\s*=\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[(.*)\])?\s*$"

    def __init__(self, name, module_name, attrs=(), extras=(), dist=None):
        self.name = name
        self.module_name = module_name
        self.attrs = tuple(attrs)
        self.extras = tuple(extras)
        self.dist = dist

    @classmethod
    def parse(cls, text, dist=None):
        match = re.match(cls._pattern, text.strip())
        if match is None:
            raise ValueError("EntryPoint must be in 'name=module:attrs [extras]' format", text)
        name, module, attributes, extras = match.groups()
        return cls(name, module, attributes.split(".") if attributes else (),
                   [extra.strip() for extra in (extras or "").split(",") if extra.strip()], dist)

    def resolve(self):
        found = importlib.import_module(self.module_name)
        for name in self.attrs:
            found = getattr(found, name)
        return found

    def load(self, *args, **options):
        return self.resolve()

    def __str__(self):
        attributes = ":" + ".".join(self.attrs) if self.attrs else ""
        return "%s = %s%s" % (self.name, self.module_name, attributes)


class Distribution(object):
    """A distribution in a working set."""

    def __init__(self, location=None, metadata=None, project_name=None, version=None,
                 precedence=EGG_DIST, **unused):
        self.location = location
        self.egg_info = metadata
        self.project_name = safe_name(project_name or "Unknown")
        self.version = version
        self.precedence = precedence
        self.py_version = "%d.%d" % sys.version_info[:2]
        self.platform = None

    @property
    def key(self):
        return self.project_name.lower()

    @property
    def parsed_version(self):
        return Version(self.version)

    @property
    def extras(self):
        return self._headers("Provides-Extra")

    def egg_name(self):
        return "%s-%s-py%s" % (to_filename(self.project_name), to_filename(self.version),
                               self.py_version)

    def as_requirement(self):
        return Requirement("%s==%s" % (self.project_name, self.version))

    def has_metadata(self, name):
        return self.egg_info is not None and os.path.isfile(os.path.join(self.egg_info, name))

    def get_metadata(self, name):
        with open(os.path.join(self.egg_info, name), encoding="utf-8") as file:
            return file.read()

    def _get_metadata(self, name):
        if self.has_metadata(name):
            yield from self.get_metadata_lines(name)

    def get_metadata_lines(self, name):
        return (line.strip() for line in self.get_metadata(name).splitlines() if line.strip())

    def metadata_isdir(self, name):
        return self.egg_info is not None and os.path.isdir(os.path.join(self.egg_info, name))

    def metadata_listdir(self, name):
        return os.listdir(os.path.join(self.egg_info, name)) if self.metadata_isdir(name) else []

    def _headers(self, header):
        for name in ("METADATA", "PKG-INFO"):
            if self.has_metadata(name):
                head = self.get_metadata(name).split("\n\n")[0]
                return re.findall(r"(?im)^%s:\s*(.*?)\s*$" % header, head)
        return []

    def requires(self, extras=()):
        """Requirements without a marker, then those of the extras."""
        found = []
        for text in self._headers("Requires-Dist"):
            requirement = Requirement(text)
            extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement.marker or "")
            if extra is None or extra.group(1) in extras:
                found.append(requirement)
        return found

    def get_entry_map(self, group=None):
        groups = {}
        if self.has_metadata("entry_points.txt"):
            entries = groups
            for line in self.get_metadata_lines("entry_points.txt"):
                if line.startswith("["):
                    entries = groups.setdefault(line.strip("[] "), {})
                elif line[0] not in "#;":
                    entry = EntryPoint.parse(line, self)
                    entries[entry.name] = entry
        return groups if group is None else groups.get(group, {})

    def get_entry_info(self, group, name):
        return self.get_entry_map(group).get(name)

    def load_entry_point(self, group, name):
        entry = self.get_entry_info(group, name)
        if entry is None:
            raise ImportError("Entry point %r not found" % ((group, name),))
        return entry.load()

    def activate(self, path=None):
        self.insert_on(sys.path if path is None else path)

    def insert_on(self, path, loc=None, replace=False):
        if self.location not in path:
            path.append(self.location)

    def __str__(self):
        return "%s %s" % (self.project_name, self.version)

    def __repr__(self):
        return "%s (%s)" % (self, self.location)

    def _sorted_by(self):
        return (self.parsed_version, self.precedence, self.key, self.location or "")

    def __lt__(self, other):
        return self._sorted_by() < other._sorted_by()

    def __eq__(self, other):
        return isinstance(other, Distribution) and self._sorted_by() == other._sorted_by()

    def __hash__(self):
        return hash((self.key, self.version, self.location))


class WorkingSet(object):
    """Distributions in the order that they have on sys.path."""

    def __init__(self, distributions=()):
        self.entries = []
        self.by_key = {}
        self._distributions = []
        for distribution in distributions:
            self.add(distribution)

    def add(self, dist, entry=None, insert=True, replace=False):
        if dist.key in self.by_key:
            if not replace:
                return
            self._distributions.remove(self.by_key[dist.key])
        self.by_key[dist.key] = dist
        self._distributions.append(dist)
        if dist.location and dist.location not in self.entries:
            self.entries.append(dist.location)

    def add_entry(self, entry):
        """Adds a directory and the distributions in it."""
        if entry not in self.entries:
            self.entries.append(entry)
        for distribution in find_distributions(entry):
            self.add(distribution)

    def find(self, req):
        """The distribution of that name, or None. Raises VersionConflict."""
        found = self.by_key.get(req.key)
        if found is None:
            name = canonical(req.key)
            found = next((dist for dist in self if canonical(dist.key) == name), None)
        if found is not None and not meets(found, req):
            raise VersionConflict(found, req)
        return found

    def require(self, *requirements):
        return self.resolve(parse_requirements(requirements))

    def resolve(self, requirements, env=None, installer=None, **unused):
        """The distributions for the requirements, with all their dependencies."""
        waiting = list(requirements)
        seen = set()
        found = []
        while waiting:
            requirement = waiting.pop(0)
            if requirement in seen:
                continue
            seen.add(requirement)
            dist = self.find(requirement)
            if dist is None:
                raise DistributionNotFound(requirement, None)
            if dist not in found:
                found.append(dist)
            needs = dist.requires(requirement.extras)
            waiting.extend(need for need in needs
                           if need.marker is None or self.find(need) is not None)
        return found

    def iter_entry_points(self, group, name=None):
        for dist in self:
            for entry in dist.get_entry_map(group).values():
                if name is None or name == entry.name:
                    yield entry

    def __contains__(self, item):
        return self.by_key.get(item.key) == item

    def __iter__(self):
        return iter(list(self._distributions))

    def __len__(self):
        return len(self._distributions)


def find_distributions(folder, only=False):
    """The distributions whose metadata is in a directory of sys.path."""
    import importlib.metadata

    for found in importlib.metadata.distributions(path=[folder]):
        name = found.metadata["Name"]
        if name:
            yield Distribution(folder, str(getattr(found, "_path", "")) or None, name,
                               found.version)


def _real(pkg_resources, item):
    location, metadata = item["location"], item["metadata"]
    # An egg may be an archive.
    provider = (pkg_resources.EggMetadata(zipimport.zipimporter(location))
                if os.path.isfile(location) else pkg_resources.PathMetadata(location, metadata))
    dist = pkg_resources.Distribution.from_location(
        location, os.path.basename(metadata), provider)
    dist.project_name = pkg_resources.safe_name(item["name"])
    dist._version = item["version"]
    if item["developed"]:
        dist.precedence = pkg_resources.DEVELOP_DIST
    return dist


def put(working_set, dist):
    """Adds a distribution that need not be importable here; `add` of pkg_resources would make it importable."""
    if isinstance(working_set, WorkingSet):
        working_set.add(dist)
        return
    if dist.key in working_set.by_key:
        return
    if dist.location not in working_set.entries:
        working_set.entries.append(dist.location)
    working_set.entry_keys.setdefault(dist.location, []).append(dist.key)
    working_set.by_key[dist.key] = dist
    names = getattr(working_set, "normalized_to_canonical_keys", {})
    names[canonical(dist.key)] = dist.key


def from_engine(items):
    """A working set of the engine's results; it uses the classes of pkg_resources if that is loaded."""
    real = sys.modules.get("pkg_resources")
    if real is not None and real.WorkingSet is not WorkingSet:
        working_set = real.WorkingSet([])
        for item in items:
            put(working_set, _real(real, item))
        return working_set
    return WorkingSet(
        Distribution(item["location"], item["metadata"], item["name"], item["version"],
                     DEVELOP_DIST if item["developed"] else EGG_DIST)
        for item in items)
