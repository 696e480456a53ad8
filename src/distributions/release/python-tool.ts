/** Name of the module below, wherever it is written to. */
export const TOOL_MODULE = "hostout_release";

/** Folder, below a source tree, that holds the module and `settings.json`. */
export const TOOL_FOLDER = ".hostout";

export interface ToolSettings {
  backend: string;
  "backend-path": string[];
  /** Added to the version of the build. */
  local?: string;
  /** A file for the names of the files in the package's own sdist, as a JSON list. */
  list?: string;
}

/**
 * A Python module (standard library only, Python >= 3.7) that gives a package the version of its
 * release.
 *
 * - `hostout_release.py WHEEL LOCAL FOLDER` writes the wheel into FOLDER with `+LOCAL` added to
 *   its version, and prints what it is as JSON (`RewrittenWheel`). Its bytes depend on nothing but
 *   the content: sorted, one fixed time, modes 0644 and 0755.
 * - In `.hostout` below a source tree it is a build backend (PEP 517) around the package's own,
 *   which `settings.json` next to it names (`ToolSettings`).
 */
export const TOOL_TEXT = String.raw`"""Adds the hash of a package's content to the version of its wheel."""

import base64
import hashlib
import importlib
import json
import os
import re
import sys
import tarfile
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can hold


def released(version, local):
    if version.endswith(local):
        return version
    return version + ("." if "+" in version else "+") + local


def rewrite_metadata(text, local):
    """METADATA with the version of the release and without local paths."""
    headers, separator, body = text.replace("\r\n", "\n").partition("\n\n")
    lines, declared = [], None
    for line in headers.split("\n"):
        if line.startswith("Version:"):
            declared = line.partition(":")[2].strip()
            line = "Version: " + released(declared, local)
        # A neighbor named by path is required by name, in any version.
        path = re.match(r"(Requires-Dist: *[^@;]*?) *@ *file:[^ ]*( *;.*)?$", line)
        if path:
            line = path.group(1) + (" " + path.group(2).strip() if path.group(2) else "")
        lines.append(line)
    return "\n".join(lines) + separator + body, declared


def find(names, pattern):
    return [name for name in names if re.match(pattern, name)]


def read_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {
            info.filename: (archive.read(info), bool(info.external_attr >> 16 & 0o111))
            for info in archive.infolist()
            if not info.filename.endswith("/")
        }


def write_wheel(file, content, last):
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(content, key=lambda name: (name.startswith(last), name)):
            data, executable = content[name]
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3
            info.external_attr = (0o100755 if executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def rewrite(wheel, local, folder):
    content = read_wheel(wheel)
    (path,) = find(content, r"[^/]+\.dist-info/METADATA$")
    stem = path[: -len(".dist-info/METADATA")]
    text, declared = rewrite_metadata(content[path][0].decode("utf-8", "surrogateescape"), local)
    version = released(declared, local)
    target = stem.rpartition("-")[0] + "-" + version.replace("-", "_")
    content[path] = (text.encode("utf-8", "surrogateescape"), False)
    moved = {}
    for name, value in content.items():
        for suffix in (".dist-info/", ".data/"):
            if name.startswith(stem + suffix):
                name = target + name[len(stem) :]
        moved[name] = value
    info = target + ".dist-info/"
    for name in find(moved, r"[^/]+\.dist-info/RECORD\.(jws|p7s)$"):
        del moved[name]
    record = []
    for name in sorted(moved):
        if name != info + "RECORD":
            digest = base64.urlsafe_b64encode(hashlib.sha256(moved[name][0]).digest())
            quoted = '"' + name.replace('"', '""') + '"' if re.search('[",]', name) else name
            size = len(moved[name][0])
            record.append("%s,sha256=%s,%d\n" % (quoted, digest.decode().rstrip("="), size))
    record.append(info + "RECORD,,\n")
    moved[info + "RECORD"] = ("".join(record).encode(), False)
    parts = os.path.basename(wheel)[: -len(".whl")].split("-")
    parts[1] = version.replace("-", "_")
    file = os.path.join(folder, "-".join(parts) + ".whl")
    write_wheel(file, moved, info)
    return {
        "name": re.search(r"^Name: *(.*?)\s*$", text, re.M).group(1),
        "declared": declared,
        "version": version,
        "file": os.path.basename(file),
        "files": sorted(content),
        "pure": parts[-1] == "any" and parts[-2] == "none",
        "metadata": text,
    }


def settings():
    with open(os.path.join(HERE, "settings.json"), encoding="utf-8") as stream:
        return json.load(stream)


def own_backend():
    found = settings()
    root = os.path.dirname(HERE)
    for path in reversed(found["backend-path"]):
        if os.path.join(root, path) not in sys.path:
            sys.path.insert(0, os.path.join(root, path))
    module, _, attributes = found["backend"].partition(":")
    backend = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    return backend


def list_sdist(file):
    """Lists the files of the package's own sdist; nothing if that cannot be built."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            archive = own_backend().build_sdist(folder)
            with tarfile.open(os.path.join(folder, archive)) as stream:
                names = [member.name.partition("/")[2] for member in stream if member.isfile()]
    except Exception as error:
        print("No sdist: %r" % error)
        return
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(sorted(names), stream)


def get_requires_for_build_wheel(config_settings=None):
    backend, names = own_backend(), ["get_requires_for_build_wheel"]
    if "list" in settings():
        names.append("get_requires_for_build_sdist")
    hooks = [getattr(backend, name, None) for name in names]
    return [requirement for hook in hooks if hook for requirement in hook(config_settings)]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    found = settings()
    if "list" in found:
        list_sdist(found["list"])
    if "local" not in found:
        return own_backend().build_wheel(wheel_directory, config_settings)
    with tempfile.TemporaryDirectory() as folder:
        name = own_backend().build_wheel(folder, config_settings)
        return rewrite(os.path.join(folder, name), found["local"], wheel_directory)["file"]


def prepare_metadata(metadata_directory, config_settings=None):
    info = own_backend().prepare_metadata_for_build_wheel(metadata_directory, config_settings)
    path = os.path.join(metadata_directory, info, "METADATA")
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
        text, declared = rewrite_metadata(stream.read(), settings()["local"])
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        stream.write(text)
    stem = info[: -len(".dist-info")].rpartition("-")[0]
    target = "%s-%s.dist-info" % (stem, released(declared, settings()["local"]).replace("-", "_"))
    os.rename(os.path.join(metadata_directory, info), os.path.join(metadata_directory, target))
    return target


def __getattr__(name):
    # A hook that the package's backend lacks is missing here, too: installers then do without.
    if name == "prepare_metadata_for_build_wheel" and "local" in settings():
        getattr(own_backend(), name)
        return prepare_metadata
    if name == "build_sdist":
        return own_backend().build_sdist
    raise AttributeError(name)


if __name__ == "__main__":
    print(json.dumps(rewrite(*sys.argv[1:])))
`;
