"""Names, versions and requirements of Python distributions (PEP 440, 503, 508)."""

import re

# Compiled when they are first used: many runs use none of them.
_REQUIREMENT = (
    r"(?s)^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*(?:\(([^)]*)\)|@\s*(\S+)|([^;]*))"
    r"\s*(?:;\s*(.*))?$")
_SPECIFIER = r"^\s*(===|==|~=|!=|<=|>=|<|>)\s*(\S+)\s*$"


def safe_name(name):
    """The name, with each run of invalid characters replaced with one `-`."""
    return re.sub("[^A-Za-z0-9.]+", "-", name)


def safe_extra(name):
    return re.sub("[^A-Za-z0-9.-]+", "_", name).lower()


def canonical(name):
    """The normalized name of PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def to_filename(name):
    return name.replace("-", "_")


def parse_version(text):
    """A version that compares in the order of PEP 440."""
    return Version(text)


class Version(object):
    """A PEP 440 version, compared by its parts."""

    _pattern = (
        r"(?i)^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
        r"(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?(\d*))?"
        r"(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?"
        r"(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$")
    _order = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}

    def __init__(self, text):
        self._text = text
        match = re.match(self._pattern, text)
        if match is None:
            # Not valid in PEP 440: lower than all that are.
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
        match = re.match(_REQUIREMENT, text)
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
            specifier = re.match(_SPECIFIER, part)
            if specifier is None:
                raise ValueError("Invalid requirement: %r" % text)
            self.specs.append(specifier.groups())
        self.specifier = ",".join("".join(spec) for spec in self.specs)

    @classmethod
    def parse(cls, text):
        return cls(text.partition(" #")[0])

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


def meets(dist, requirement):
    """Whether a distribution has a wanted version; the requirement may be pkg_resources' own."""
    return all(_fulfils(dist.parsed_version, *spec) for spec in requirement.specs)


def parse_requirements(texts):
    """Requirements from lines; skips lines with only a comment."""
    if isinstance(texts, str):
        texts = texts.splitlines()
    for text in texts:
        text = re.split(r"(?:^|\s)#", text)[0].strip()
        if text:
            yield Requirement(text)
