/** Arguments: a folder for the wheels, then eggs. Prints a line for each unreadable one. */
export const EGG_SCRIPT = `
import os, re, sys, zipfile

def content(egg):
    if os.path.isfile(egg):
        with zipfile.ZipFile(egg) as archive:
            return {n: archive.read(n) for n in archive.namelist() if not n.endswith("/")}
    files = {}
    for folder, _, names in os.walk(egg):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, egg).replace(os.sep, "/")] = file.read()
    return files

def requirements(text):
    extra = marker = ""
    for line in map(str.strip, text.splitlines()):
        section = re.match(r"\\[([^\\]:]*):?(.*)\\]$", line)
        if section:
            extra, marker = section.groups()
            if extra:
                yield "Provides-Extra: " + extra
        elif line and not line.startswith("#"):
            conditions = [c for c in (marker and "(%s)" % marker, extra and 'extra == "%s"' % extra) if c]
            joint = (" and " if ";" in line else " ; ") if conditions else ""
            yield "Requires-Dist: " + line + joint + " and ".join(conditions)

def convert(egg, target):
    files = content(egg)
    info = {n[9:]: files.pop(n) for n in list(files) if n.startswith("EGG-INFO/")}
    head, _, rest = info.pop("PKG-INFO").decode("utf-8").replace("\\r\\n", "\\n").partition("\\n\\n")
    head = head.rstrip("\\n")
    field = lambda name: re.search(r"^%s:[ \\t]*(.+)$" % name, head, re.M).group(1).strip()
    name, version = field("Name"), field("Version")
    if not re.search(r"^Requires-Dist:", head, re.M):
        lines = requirements(info.pop("requires.txt", b"").decode("utf-8"))
        head = "\\n".join([head, *(line for line in lines if line not in head)])
    base = "%s-%s" % (re.sub(r"[-_.]+", "_", name), version.replace("-", "_"))
    # NAME-VERSION-pyX.Y-PLATFORM
    platform = os.path.basename(egg)[:-4].split("-", 3)[3:]
    tag = "py3-none-any"
    if platform:
        python = "cp%d%d" % sys.version_info[:2]
        tag = "-".join([python, python, re.sub(r"[-.]", "_", platform[0])])
    metadata = base + ".dist-info/"
    wheel = {n: d for n, d in files.items() if "__pycache__/" not in n}
    for n, data in info.items():
        if n.startswith("scripts/"):
            wheel[base + ".data/" + n] = data
        elif n in ("entry_points.txt", "top_level.txt", "namespace_packages.txt"):
            wheel[metadata + n] = data
    wheel[metadata + "METADATA"] = (head + "\\n\\n" + rest).encode("utf-8")
    pure = str(not platform).lower()
    wheel[metadata + "WHEEL"] = (
        "Wheel-Version: 1.0\\nGenerator: buildout\\nRoot-Is-Purelib: %s\\nTag: %s\\nEgg: %s\\n"
        % (pure, tag, os.path.basename(egg))
    ).encode()
    record = "".join("%s,,\\n" % n for n in [*wheel, metadata + "RECORD"])
    with zipfile.ZipFile(os.path.join(target, "%s-%s.whl" % (base, tag)), "w") as archive:
        for n, data in wheel.items():
            archive.writestr(n, data)
        archive.writestr(metadata + "RECORD", record)

for egg in sys.argv[2:]:
    try:
        convert(egg, sys.argv[1])
    except Exception as error:
        print("%s cannot be read as an egg: %s" % (egg, error))
`;
