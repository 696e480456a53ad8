"""Creates wheels if there is no package index.

    standins.py recipes CHECKOUTS WHEELS NAME...
    standins.py buildout CONFIGURATION WHEELS

The first builds the named source trees; names without one become empty distributions. The second reads a whole
buildout with the original's own code, and creates distributions of a few lines for its pins, its eggs, its
extensions and its recipes; it prints assignments for bin/buildout. Both add the requirements of the distributions:
packed from this Python if it has them, otherwise empty. Needs zc.buildout, zc.recipe.egg, pip, setuptools, wheel,
packaging.
"""
import contextlib
import email
import importlib.metadata
import io
import os
import re
import subprocess
import sys
import zipfile

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# The original's own distributions: a pin in the buildout would replace the running ones.
TOOLS = ("setuptools", "wheel", "pip", "packaging", "zc.buildout", "zc.recipe.egg")

# A recipe that shows its options and the working set of its eggs.
RECIPE = '''
import os
import zc.recipe.egg


class Recipe(object):

    def __init__(self, buildout, name, options):
        self.options = options
        location = os.path.join(buildout["buildout"]["parts-directory"], name)
        options["location"] = options.get("location") or location
        self.eggs = zc.recipe.egg.Scripts(buildout, name, options) if options.get("eggs") else None

    def install(self):
        lines = ["%s = %s" % item for item in sorted(self.options.items())]
        if self.eggs is not None:
            requirements, working_set = self.eggs.working_set()
            lines += ["requirements: " + " ".join(requirements)]
            lines += ["%s %s" % (dist.project_name, dist.version) for dist in working_set]
        location = self.options["location"]
        if not os.path.isdir(location):
            os.makedirs(location)
        with open(os.path.join(location, "given"), "w") as file:
            file.write("\\n".join(lines) + "\\n")
        return location

    update = install
'''

EXTENSION = '''
def load(buildout):
    print("extension")
'''


def write_wheel(folder, name, version, files, metadata=(), entry_points=""):
    """Raises ValueError if the version is invalid. Old spellings are normalized, as pip does."""
    version = str(Version(version))
    plain = re.sub(r"[^A-Za-z0-9.]+", "_", name)
    info = "%s-%s.dist-info" % (plain, version)
    head = ["Metadata-Version: 2.1", "Name: " + name, "Version: " + version, *metadata]
    files = {
        **files,
        info + "/METADATA": "\n".join(head) + "\n",
        info + "/WHEEL": "Wheel-Version: 1.0\nGenerator: parity\n"
                         "Root-Is-Purelib: true\nTag: py3-none-any\n",
        info + "/entry_points.txt": entry_points,
    }
    files[info + "/RECORD"] = "".join("%s,,\n" % path for path in [*files, info + "/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, "%s-%s-py3-none-any.whl" % (plain, version)), "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)


def pack(name, folder):
    """A wheel of a distribution that this Python has."""
    dist = importlib.metadata.distribution(name)
    # A development version would count as a pre-release. Running distributions keep theirs.
    is_tool = canonicalize_name(name) in map(canonicalize_name, TOOLS)
    version = dist.version if is_tool else re.sub(r"\.?dev\d*$", "", dist.version)
    tops = (dist.read_text("top_level.txt") or "").split()
    files = {}
    for path in dist.files or ():
        parts = path.parts
        if ".." in parts or "__pycache__" in parts or parts[0].endswith((".dist-info", ".egg-info")):
            continue
        files[str(path)] = dist.locate_file(path).read_bytes()
    for top in tops if not files else ():
        root = str(dist.locate_file(top))
        for place, _, names in os.walk(root):
            for one in names:
                path = os.path.join(place, one)
                if not one.endswith(".pyc"):
                    with open(path, "rb") as file:
                        files[os.path.relpath(path, os.path.dirname(root))] = file.read()
    needs = ["Requires-Dist: " + line for line in dist.requires or () if "extra ==" not in line]
    write_wheel(folder, name, version, files, needs, dist.read_text("entry_points.txt") or "")


def build(checkout, folder):
    """A wheel of a source tree; if it cannot be built, returns the reason in one line."""
    run = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "-w", folder, checkout],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return "" if run.returncode == 0 else run.stdout.strip().splitlines()[-1]


def wheels_in(folder):
    """Canonical name -> lines of metadata."""
    found = {}
    for entry in sorted(os.listdir(folder)):
        if entry.endswith(".whl"):
            with zipfile.ZipFile(os.path.join(folder, entry)) as wheel:
                path = next(one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
                message = email.message_from_bytes(wheel.read(path))
            found[canonicalize_name(message["Name"])] = message
    return found


def version_for(requirement):
    """A version that satisfies a requirement, judging only by its specifiers."""
    for specifier in requirement.specifier:
        if specifier.operator in ("==", "===", ">=", "~=", "<="):
            return specifier.version.replace(".*", ".0")
    return "0.1" if any(one.operator == "<" for one in requirement.specifier) else "1.0"


def add_needs(folder):
    """Adds the requirements of the wheels in a directory, until none is missing."""
    lacking = True
    while lacking:
        there = wheels_in(folder)
        lacking = {}
        for message in there.values():
            for line in message.get_all("Requires-Dist") or ():
                need = Requirement(line)
                if need.marker and not need.marker.evaluate({**default_environment(), "extra": ""}):
                    continue
                if canonicalize_name(need.name) not in there:
                    lacking[canonicalize_name(need.name)] = need
        for need in lacking.values():
            try:
                pack(need.name, folder)
            except importlib.metadata.PackageNotFoundError:
                extras = ["Provides-Extra: " + extra for extra in sorted(need.extras)]
                write_wheel(folder, need.name, version_for(need), {}, extras)


def recipes(checkouts, folder, *names):
    for name in names:
        checkout = os.path.join(checkouts, name)
        if not os.path.isdir(checkout):
            write_wheel(folder, name, "1.0", {})
            continue
        reason = build(checkout, folder)
        if reason:
            print("%s: %s" % (name, reason))
    for tool in TOOLS:
        pack(tool, folder)
    add_needs(folder)


class Nothing:
    """Replaces every recipe while a buildout is read."""

    def __init__(self, buildout, name, options):
        options["location"] = options.get("location", os.path.join("parts", name))


def load(configuration, assignments):
    """The original's view of a buildout, as far as the original gets."""
    import zc.buildout.buildout as original

    original._install_and_load = lambda *spec: Nothing
    os.chdir(os.path.dirname(configuration))
    buildout = original.Buildout.__new__(original.Buildout)
    problem = None
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            words = [(*name.split(":", 1), value) for name, value in assignments.items()]
            buildout.__init__(configuration, words, False)
        except Exception as error:
            problem = error
    if not hasattr(buildout, "_raw"):
        raise problem
    return buildout, problem


REFERENCE = re.compile(r"\$\{([^:${}]*):([^:${}]+)\}")


def undefined(raw):
    """Options that are referred to, but defined only by downloaded files or recipes."""
    found = {}
    for section, options in raw.items():
        for option, value in options.items():
            if option.rstrip("+- ") == "<":
                for name in value.split():
                    if name not in raw:
                        found[name + ":stand-in"] = "1.0"
            for name, wanted in REFERENCE.findall(value):
                name = name or section
                macros = raw.get(name, {}).get("<", "").split()
                if wanted in ("_buildout_section_name_", "location") and name in raw or macros:
                    continue
                if wanted not in raw.get(name, {}):
                    found["%s:%s" % (name, wanted)] = "1.0"
    return found


def read_buildout(configuration):
    """The sections of a buildout, resolved without its recipes; and the assignments that they need."""
    assignments = {}
    for _ in range(9):
        buildout, problem = load(configuration, assignments)
        more = {name: value for name, value in undefined(buildout._raw).items() if name not in assignments}
        if not more:
            break
        assignments.update(more)
    if problem is not None:
        raise problem
    develop = buildout["buildout"].get("develop", "").split()
    there = [path for path in develop if os.path.exists(os.path.join(path, "setup.py"))]
    if there != develop:
        assignments["buildout:develop"] = " ".join(there)
    with contextlib.redirect_stdout(io.StringIO()):
        sections = {}
        for name in buildout._raw:
            try:
                sections[name] = dict(buildout[name].items())
            except Exception:
                sections[name] = {
                    option: value for option, value in buildout._raw[name].items() if "${" not in value}
    return sections, assignments


def requirements_in(text):
    for line in text.splitlines():
        with contextlib.suppress(InvalidRequirement):
            if line.strip():
                yield Requirement(line.split("#")[0].strip())


def buildout(configuration, folder):
    sections, assignments = read_buildout(configuration)
    own = sections["buildout"]
    pinning = own.get("versions", "versions")
    pins = dict(sections.get(pinning, {}))
    tools = {canonicalize_name(tool) for tool in TOOLS}
    names, extras, recipe_entries = {}, {}, {}
    for name, pin in pins.items():
        # A line such as `name>=1` is an option with that name.
        if re.fullmatch(r"\w[\w.-]*", name):
            names.setdefault(canonicalize_name(name), (name, pin.strip().lstrip("=")))
    for section in sections.values():
        for one in requirements_in(section.get("eggs", "")):
            key = canonicalize_name(one.name)
            names.setdefault(key, (one.name, version_for(one)))
            extras.setdefault(key, set()).update(one.extras)
        recipe, _, entry = section.get("recipe", "").partition(":")
        for one in requirements_in(recipe):
            key = canonicalize_name(one.name)
            names.setdefault(key, (one.name, version_for(one)))
            recipe_entries.setdefault(key, {"default"}).add(entry.strip() or "default")
    extensions = set()
    for name in own.get("extensions", "").split():
        key = canonicalize_name(name)
        names.setdefault(key, (name, "1.0"))
        extensions.add(key)
    plain = sorted(set(names) - set(recipe_entries) - extensions - tools)
    for key, (name, version) in sorted(names.items()):
        if key in tools:
            continue
        module = re.sub(r"\W", "_", key) + "_standin"
        metadata = ["Provides-Extra: " + extra for extra in sorted(extras.get(key, ()))]
        files, points = {module + ".py": ""}, ""
        if key in recipe_entries:
            files[module + ".py"] = RECIPE
            metadata.append("Requires-Dist: zc.recipe.egg")
            points = "[zc.buildout]\n" + "".join(
                "%s = %s:Recipe\n" % (entry, module) for entry in sorted(recipe_entries[key]))
        elif key in extensions:
            files[module + ".py"] = EXTENSION
            points = "[zc.buildout.extension]\ndefault = %s:load\n" % module
        else:
            files[module + ".py"] = "def main():\n    print(%r)\n" % name
            points = "[console_scripts]\n%s = %s:main\n" % (key, module)
            # Each seven in a row form a tree, so that the order on sys.path is visible.
            at = plain.index(key)
            below = [at - at % 7 + 2 * (at % 7) + more for more in (1, 2) if 2 * (at % 7) + more < 7]
            metadata += ["Requires-Dist: " + names[plain[one]][0] for one in below if one < len(plain)]
        try:
            write_wheel(folder, name, version, files, metadata, points)
        except ValueError:
            if not re.match(r"\w", version):
                continue  # a range, or no version
            # From before PEP 440: both engines would stop there.
            write_wheel(folder, name, "1.0", files, metadata, points)
            assignments["%s:%s" % (pinning, name)] = "1.0"
    for tool in TOOLS:
        pack(tool, folder)
    add_needs(folder)
    pinned = {canonicalize_name(name) for name in pins}
    for name in pins:
        if canonicalize_name(name) in tools:
            assignments["%s:%s" % (pinning, name)] = ""
    for key, message in wheels_in(folder).items():
        if key not in pinned | tools:
            assignments["%s:%s" % (pinning, message["Name"])] = message["Version"]
    print("\n".join("%s=%s" % item for item in assignments.items()))


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    {"recipes": recipes, "buildout": buildout}[command](*(
        os.path.abspath(word) if os.sep in word else word for word in words))
