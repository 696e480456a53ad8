"""Packs wheels out of Debian's packages: `pack-debian-wheels.py FOLDER`.

FOLDER is made once, by the process that holds the lock beside it; the others wait for it. The
packages are downloaded and unpacked, not installed. The same packages give the same bytes.
"""

import base64
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

# Debian package -> name of the Python distribution in it. What a package depends on becomes a
# requirement of the wheel (Debian takes them out of requires.txt) where it is in this table.
PACKAGES = {
    "flit": "flit_core",
    "python3-genshi": "Genshi",
    "python3-hatchling": "hatchling",
    "python3-jinja2": "Jinja2",
    "python3-markupsafe": "MarkupSafe",
    "python3-packaging": "packaging",
    "python3-paste": "Paste",
    "python3-pastedeploy": "PasteDeploy",
    "python3-pastescript": "PasteScript",
    "python3-pathspec": "pathspec",
    "python3-pluggy": "pluggy",
    "python3-setuptools-scm": "setuptools_scm",
    "python3-six": "six",
    "python3-tempita": "Tempita",
    "python3-typing-extensions": "typing_extensions",
    "python3-waitress": "waitress",
    "python3-webob": "WebOb",
    "python3-zope.event": "zope.event",
    "python3-zope.exceptions": "zope.exceptions",
    "python3-zope.interface": "zope.interface",
    "python3-zope.testing": "zope.testing",
    "python3-zope.testrunner": "zope.testrunner",
    "supervisor": "supervisor",
}
# Packages that hold a wheel as it was published.
WHEELS = ["python3-pip-whl", "python3-setuptools-whl", "python3-wheel-whl"]
# Packages that only bring what another of the table already has.
PROVIDED = {
    "python3-pkg-resources": "setuptools",
    "python3-setuptools": "setuptools",
}
# What Debian leaves out although the metadata still asks for it.
DROPPED = {"hatchling": ["editables"]}
# Debian puts the folder of a namespace into one of its packages; no wheel of them has it.
NAMESPACE_FILES = ["paste/__init__.py", "zope/__init__.py"]

# Debian's setuptools asks for options that only Debian's own distutils has.
DEBIAN_OPTIONS = [
    (rb"self\.set_undefined_options\('install',\('(install_layout|prefix_option)'.*\)\)", b"pass"),
    (rb"self\.prefix_option = None", b"self.prefix_option = True"),
]

SITE = "usr/lib/python3/dist-packages"
DATE = (2020, 1, 1, 0, 0, 0)


def run(command, folder=None):
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def download(folder):
    wanted = [*PACKAGES, *WHEELS]
    try:
        run(["apt-get", "download", "-q", *wanted], folder)
    except SystemExit:
        if os.getuid() != 0:
            raise
        run(["apt-get", "update", "-q"])  # a machine that has no package lists yet
        run(["apt-get", "download", "-q", *wanted], folder)
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def key(requirement):
    return canonical(re.match(r"[A-Za-z0-9._-]+", requirement).group())


def depends(deb):
    """The distributions of the table that a Debian package depends on."""
    names = {**PACKAGES, **PROVIDED}
    field = run(["dpkg-deb", "-f", deb, "Depends"])
    for alternatives in field.split(","):
        name = re.split(r"[\s:(|]", alternatives.strip(), maxsplit=1)[0]
        if name in names:
            yield names[name]


def read_requires(text):
    """`requires.txt` of setuptools as values of Requires-Dist."""
    extra, marker = "", ""
    for line in text.splitlines():
        line = line.strip()
        section = re.match(r"\[([^:\]]*):?([^\]]*)\]$", line)
        if section:
            extra, marker = section.groups()
        elif line:
            conditions = [f"({marker})"] if marker else []
            if extra:
                conditions.append(f'extra == "{extra}"')
            yield line + (f" ; {' and '.join(conditions)}" if conditions else "")


def read(file):
    with open(file, encoding="utf-8", errors="surrogateescape") as stream:
        return stream.read()


def metadata(folder, name, deb):
    """The METADATA of a wheel, from `.dist-info` or `.egg-info`; and its version."""
    source = os.path.join(folder, "METADATA")
    if not os.path.exists(source):
        source = os.path.join(folder, "PKG-INFO")
    headers, _, body = read(source).partition("\n\n")
    kept, requires = [], []
    for header in re.split(r"\n(?=\S)", headers):
        field, _, value = header.partition(":")
        if field == "Requires-Dist":
            requires.append(value.strip())
        elif field == "Version":
            version = value.strip().partition("+")[0]
            kept.append(f"Version: {version}")
        else:
            kept.append("Metadata-Version: 2.1" if field == "Metadata-Version" else header)
    listed = os.path.join(folder, "requires.txt")
    if os.path.exists(listed):
        requires += read_requires(read(listed))
    requires = [one for one in requires if key(one) not in DROPPED.get(name, [])]
    known = {key(one) for one in requires if "extra" not in one}
    for one in sorted(set(depends(deb))):
        if canonical(one) not in known:
            requires.append(one)
    kept += [f"Requires-Dist: {one}" for one in requires]
    return "\n".join(kept) + "\n\n" + body, version


def files_below(folder):
    for at, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for name in sorted(names):
            file = os.path.join(at, name)
            if os.path.isfile(file):
                yield os.path.relpath(file, folder), file


def tag_of(names):
    for name in names:
        match = re.search(r"\.cpython-(\d+)-(\w+)-linux-gnu\.so$", name)
        if match:
            version, machine = match.groups()
            return f"cp{version}-cp{version}-linux_{machine}"
    return "py3-none-any"


def pack(unpacked, name, deb, target):
    """Writes the wheel of the distribution `name`, found in an unpacked Debian package."""
    site = os.path.join(unpacked, SITE)
    infos = [one for one in os.listdir(site) if re.search(r"\.(dist|egg)-info$", one)]
    (info,) = [one for one in infos if canonical(one.split("-")[0]) == canonical(name)]
    text, version = metadata(os.path.join(site, info), name, deb)
    others = {one.split("-")[0] for one in infos if one != info}
    content = {}
    for path, file in files_below(site):
        first = path.split("/")[0]
        if first in infos or first in others or path in NAMESPACE_FILES:
            continue
        with open(file, "rb") as stream:
            content[path] = stream.read()
    tag = tag_of(content)
    base = f"{re.sub(r'[^A-Za-z0-9.]+', '_', name)}-{version}"
    dist_info = f"{base}.dist-info"
    pure = str(tag == "py3-none-any").lower()
    wheel = f"Wheel-Version: 1.0\nGenerator: debian\nRoot-Is-Purelib: {pure}\nTag: {tag}\n"
    content[f"{dist_info}/METADATA"] = text.encode("utf-8", "surrogateescape")
    content[f"{dist_info}/WHEEL"] = wheel.encode()
    for extra in ["entry_points.txt", "top_level.txt", "namespace_packages.txt"]:
        file = os.path.join(site, info, extra)
        if os.path.exists(file):
            content[f"{dist_info}/{extra}"] = read(file).encode()
    write_wheel(os.path.join(target, f"{base}-{tag}.whl"), content)


def write_wheel(file, content):
    (wheel,) = [one for one in content if re.match(r"[^/]+\.dist-info/WHEEL$", one)]
    dist_info = os.path.dirname(wheel)
    content.pop(f"{dist_info}/RECORD", None)
    record = ""
    for path in sorted(content):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content[path]).digest())
        record += f"{path},sha256={digest.decode().rstrip('=')},{len(content[path])}\n"
    content[f"{dist_info}/RECORD"] = f"{record}{dist_info}/RECORD,,\n".encode()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(content):
            member = zipfile.ZipInfo(path, DATE)
            member.external_attr = 0o100644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content[path])


def repack(wheel, target):
    """A wheel as it was published, without what works with Debian's own Python only."""
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name in content:
        for pattern, other in DEBIAN_OPTIONS:
            content[name] = re.sub(pattern, other, content[name])
    write_wheel(os.path.join(target, os.path.basename(wheel)), content)


def write_metadata(wheel):
    """`<wheel>.metadata`, as an index gives it (PEP 658)."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if re.match(r"[^/]+\.dist-info/METADATA$", one)]
        with open(f"{wheel}.metadata", "wb") as stream:
            stream.write(archive.read(name))


def make(target):
    folder = tempfile.mkdtemp(prefix="hostout-debian-")
    try:
        os.chmod(folder, 0o755)
        debs = os.path.join(folder, "debs")
        wheels = os.path.join(folder, "wheels")
        os.mkdir(debs)
        os.chmod(debs, 0o777)  # apt downloads as a user of its own
        os.mkdir(wheels)
        for deb in download(debs):
            package = os.path.basename(deb).split("_")[0]
            unpacked = os.path.join(folder, package)
            run(["dpkg-deb", "-x", deb, unpacked])
            if package in PACKAGES:
                pack(unpacked, PACKAGES[package], deb, wheels)
            else:
                for _, file in files_below(os.path.join(unpacked, "usr/share/python-wheels")):
                    repack(file, wheels)
        for name in os.listdir(wheels):
            write_metadata(os.path.join(wheels, name))
        beside = f"{target}.{os.getpid()}"
        shutil.copytree(wheels, beside)
        os.rename(beside, target)
    finally:
        shutil.rmtree(folder)


def main(target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(f"{target}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(target):
            make(target)


main(os.path.abspath(sys.argv[1]))
