/**
 * Unpacks wheels in pip's way (PEP 427), compiled, and with pip's entries in RECORD. Each line of standard
 * input is one of them: `[wheel, its hash or "", target]` as JSON. Prints `true` for each, or `false` to leave
 * it to pip, which reports damaged, malicious or unsupported wheels.
 */
export const WHEEL_SCRIPT = `
import base64, csv, hashlib, io, json, os, py_compile, re, sys, warnings, zipfile

class LeftToPip(Exception):
    pass

def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()

def digest(data):
    value = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return "sha256=" + value.decode("ascii")

def check_hash(wheel, expected):
    algorithm, _, value = expected.partition("=")
    state = hashlib.new(algorithm)
    with open(wheel, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            state.update(block)
    if state.hexdigest() != value:
        raise LeftToPip("hash")

def destination(name, data):
    """Where a member goes, and its name in RECORD; None if eggs do not have it."""
    if "\\\\" in name or "\\0" in name or name.startswith("/") or ".." in name.split("/"):
        raise LeftToPip("path")
    if not name.startswith(data + "/"):
        return name, name
    scheme, _, rest = name[len(data) + 1:].partition("/")
    if scheme in ("purelib", "platlib"):
        return rest, rest
    if scheme == "scripts":
        return "bin/" + rest, "../../bin/" + rest
    if scheme == "data":
        return rest, "../../" + rest
    if scheme == "headers":
        return None
    raise LeftToPip("scheme")

def rows_of(text):
    return {row[0]: row[1:3] for row in csv.reader(io.StringIO(text)) if len(row) >= 3}

def compiled(path):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return py_compile.compile(path, doraise=True)
    except Exception:
        return None

def unpack(wheel, expected, target):
    if expected:
        check_hash(wheel, expected)
    with zipfile.ZipFile(wheel) as archive:
        items = [item for item in archive.infolist() if not item.filename.endswith("/")]
        tops = {item.filename.split("/")[0] for item in items}
        infos = [top for top in tops if top.endswith(".dist-info")]
        name = os.path.basename(wheel).split("-")[0]
        if len(infos) != 1 or not normalized(infos[0]).startswith(normalized(name)):
            raise LeftToPip("dist-info")
        info = infos[0]
        kind = archive.read(info + "/WHEEL").decode("utf-8")
        if not re.search(r"^Wheel-Version:\\s*1\\.", kind, re.M):
            raise LeftToPip("version")
        archive.read(info + "/METADATA")
        known = rows_of(archive.read(info + "/RECORD").decode("utf-8"))
        record, sources, folders = {}, [], set()
        for item in items:
            found = destination(item.filename, info[:-len(".dist-info")] + ".data")
            if found is None or item.filename == info + "/RECORD":
                continue
            path, noted = found
            place = os.path.join(target, path)
            folder = os.path.dirname(place)
            if folder not in folders:
                os.makedirs(folder, exist_ok=True)
                folders.add(folder)
            content = archive.read(item)
            row = known.get(item.filename, ["", ""])
            if noted.startswith("../../bin/") and content.startswith(b"#!python"):
                line, end, rest = content.partition(b"\\n")
                content = b"#!" + os.fsencode(sys.executable) + end + rest
                row = [digest(content), str(len(content))]
            # Refuse two members with the same destination.
            with open(place, "xb") as file:
                file.write(content)
            if item.external_attr >> 16 & 0o111:
                os.chmod(place, os.stat(place).st_mode | 0o111)
            record[noted] = row
            if path == noted and path.endswith(".py"):
                sources.append(path)
    for name, content in (("INSTALLER", b"pip\\n"), ("REQUESTED", b"")):
        with open(os.path.join(target, info, name), "wb") as file:
            file.write(content)
        record[info + "/" + name] = [digest(content), str(len(content))]
    for source in sources:
        made = compiled(os.path.join(target, source))
        if made:
            record[os.path.relpath(made, target)] = ["", ""]
    record[info + "/RECORD"] = ["", ""]
    with open(os.path.join(target, info, "RECORD"), "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\\n").writerows([path, *row] for path, row in sorted(record.items()))

for line in sys.stdin.buffer:
    try:
        unpack(*json.loads(line))
        print("true", flush=True)
    except Exception:
        print("false", flush=True)
`;
