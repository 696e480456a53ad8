"""Distributions and working sets as recipes know them from pkg_resources.

Only what recipes use of it, answered from what the engine has resolved and from the metadata
folders on the disk.
"""

import importlib
import os
import re
import sys

DEVELOP_DIST = -1
EGG_DIST = 3

_REQUIREMENT = re.compile(
    r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*(?:\(([^)]*)\)|@\s*(\S+)|([^;]*))"
    r"\s*(?:;\s*(.*))?$", re.S)
_SPECIFIER = re.compile(r"^\s*(===|==|~=|!=|<=|>=|<|>)\s*(\S+)\s*$")


class ResolutionError(Exception):
    """A distribution is not what was asked for, or is not there."""


class DistributionNotFound(ResolutionError):
    """A requested distribution was not found."""


class VersionConflict(ResolutionError):
    """An installed distribution is of another version than requested."""


class UnknownExtra(ResolutionError):
    """A distribution has no extra of that name."""


def safe_name(name):
    """The name with runs of what no name may hold as one `-`."""
    return re.sub("[^A-Za-z0-9.]+", "-", name)


def safe_extra(name):
    return re.sub("[^A-Za-z0-9.-]+", "_", name).lower()


def canonical(name):
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def to_filename(name):
    return name.replace("-", "_")


def parse_version(text):
    """A version that compares as PEP 440 orders them."""
    return Version(text)


class Version(object):
    """A PEP 440 version, compared by its parts."""

    _pattern = re.compile(
        r"^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
        r"(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?(\d*))?"
        r"(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?"
        r"(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$", re.I)
    _order = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}

    def __init__(self, text):
        self._text = text
        match = self._pattern.match(text)
        if match is None:
            # Not of PEP 440: before all that are.
            self._key = (-1, (), (0,), (0,), (0,), ((text,),))
            self.is_prerelease = True
            return
        epoch, release, pre, pre_number, implicit, post, dev, local = match.groups()
        numbers = tuple(int(part) for part in release.split("."))
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers = numbers[:-1]
        post = implicit if post is None else post
        self.is_prerelease = pre is not None or dev is not None
        if pre is not None:
            pre = pre.lower()
            before = (1, self._order.get(pre, pre), int(pre_number or 0))
        else:
            before = (0,) if dev is not None and post is None else (2,)
        self._key = (
            int(epoch or 0), numbers, before,
            (0,) if post is None else (1, int(post or 0)),
            (1,) if dev is None else (0, int(dev or 0)),
            tuple((1, int(part)) if part.isdigit() else (0, part)
                  for part in re.split("[-_.]", local.lower())) if local else ())

    @property
    def release(self):
        return tuple(int(part) for part in re.findall(r"\d+", self._text.split("!")[-1])[:3])

    def __str__(self):
        return self._text

    def __repr__(self):
        return "<Version(%r)>" % self._text

    def __hash__(self):
        return hash(self._key)

    def __eq__(self, other):
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other):
        return self._key < other._key

    def __le__(self, other):
        return self._key <= other._key

    def __gt__(self, other):
        return self._key > other._key

    def __ge__(self, other):
        return self._key >= other._key


def _fulfils(version, operator, wanted):
    if operator == "===":
        return str(version) == wanted
    if wanted.endswith(".*"):
        prefix = Version(wanted[:-2]).release
        same = (version.release + (0,) * len(prefix))[:len(prefix)] == prefix
        return same if operator == "==" else not same
    other = Version(wanted)
    if operator == "~=":
        prefix = other.release[:-1]
        return version >= other and version.release[:len(prefix)] == prefix
    return {
        "==": version == other, "!=": version != other, "<": version < other,
        "<=": version <= other, ">": version > other, ">=": version >= other,
    }[operator]


class Requirement(object):
    """`name[extra] >= 1; marker`, PEP 508."""

    def __init__(self, text):
        match = _REQUIREMENT.match(text)
        if match is None:
            raise ValueError("Invalid requirement: %r" % text)
        name, extras, parenthesized, url, plain, marker = match.groups()
        self.name = self.unsafe_name = name
        self.project_name = safe_name(name)
        self.key = self.project_name.lower()
        self.extras = tuple(extra.strip() for extra in (extras or "").split(",") if extra.strip())
        self.url = url
        self.marker = marker and marker.strip()
        self.specs = []
        for part in filter(str.strip, (parenthesized or plain or "").split(",")):
            specifier = _SPECIFIER.match(part)
            if specifier is None:
                raise ValueError("Invalid requirement: %r" % text)
            self.specs.append(specifier.groups())
        self.specifier = ",".join("".join(spec) for spec in self.specs)

    @classmethod
    def parse(cls, text):
        return cls(text)

    def __str__(self):
        extras = "[%s]" % ",".join(self.extras) if self.extras else ""
        marker = "; %s" % self.marker if self.marker else ""
        return self.name + extras + self.specifier + marker

    def __repr__(self):
        return "Requirement.parse(%r)" % str(self)

    def __eq__(self, other):
        return isinstance(other, Requirement) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))

    def __contains__(self, item):
        if hasattr(item, "project_name"):
            if canonical(item.project_name) != canonical(self.name):
                return False
            item = item.version
        return all(_fulfils(Version(str(item)), *spec) for spec in self.specs)


def _meets(dist, requirement):
    """Whether a distribution has a wanted version; the requirement may be pkg_resources' own."""
    return all(_fulfils(dist.parsed_version, *spec) for spec in requirement.specs)


def parse_requirements(texts):
    """Requirements from lines; those that hold nothing but a comment are passed over."""
    if isinstance(texts, str):
        texts = texts.splitlines()
    for text in texts:
        text = re.split(r"(?:^|\s)#", text)[0].strip()
        if text:
            yield Requirement(text)


class EntryPoint(object):
    """`name = module:attributes [extras]`."""

    _pattern = re.compile(r"^(.+?)\s*=\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[(.*)\])?\s*$")

    def __init__(self, name, module_name, attrs=(), extras=(), dist=None):
        self.name = name
        self.module_name = module_name
        self.attrs = tuple(attrs)
        self.extras = tuple(extras)
        self.dist = dist

    @classmethod
    def parse(cls, text, dist=None):
        match = cls._pattern.match(text.strip())
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
        """Requirements without a marker, and those of the extras."""
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
    """Distributions in the order in which they go on sys.path."""

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
        """Adds a folder and the distributions in it."""
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
        if found is not None and not _meets(found, req):
            raise VersionConflict(found, req)
        return found

    def require(self, *requirements):
        return self.resolve(parse_requirements(requirements))

    def resolve(self, requirements, env=None, installer=None, **unused):
        """The distributions for the requirements with all that those need."""
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
    """The distributions whose metadata lies in a folder of sys.path."""
    import importlib.metadata

    for found in importlib.metadata.distributions(path=[folder]):
        name = found.metadata["Name"]
        if name:
            yield Distribution(folder, str(getattr(found, "_path", "")) or None, name,
                               found.version)


def _real(pkg_resources, item):
    location, metadata = item["location"], item["metadata"]
    dist = pkg_resources.Distribution.from_location(
        location, os.path.basename(metadata), pkg_resources.PathMetadata(location, metadata))
    dist.project_name = pkg_resources.safe_name(item["name"])
    dist._version = item["version"]
    if item["developed"]:
        dist.precedence = pkg_resources.DEVELOP_DIST
    return dist


def from_engine(items):
    """A working set of what the engine has resolved; of pkg_resources' classes if it is in use."""
    real = sys.modules.get("pkg_resources")
    if real is not None and real.WorkingSet is not WorkingSet:
        working_set = real.WorkingSet([])
        for item in items:
            dist = _real(real, item)
            # Not `add`: that makes it importable here, where it need not belong.
            working_set.entries.append(dist.location)
            working_set.entry_keys.setdefault(dist.location, []).append(dist.key)
            working_set.by_key.setdefault(dist.key, dist)
            names = getattr(working_set, "normalized_to_canonical_keys", {})
            names[canonical(dist.key)] = dist.key
        return working_set
    return WorkingSet(
        Distribution(item["location"], item["metadata"], item["name"], item["version"],
                     DEVELOP_DIST if item["developed"] else EGG_DIST)
        for item in items)
