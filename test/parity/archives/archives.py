"""Creates archives of every kind and records what Python's `data` filter does with each.

    archives.py SEED COUNT

Writes a JSON list of {"form", "archive", "odd", "special", "refused", "tree"}: the archive, gzipped and in base64;
whether it has paths or links that no honest archive has; whether it has devices or pipes; the exception that
Python raises, or null; and the extracted files, by path. A zip archive is compared with a tar archive of the
same members. Needs a Python whose tarfile has `data_filter` (3.12, or a late 3.8 to 3.11).
"""
import base64
import gzip
import io
import json
import os
import random
import stat
import sys
import tarfile
import tempfile
import zipfile

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
NAMES = ["a", "b", "d/", "d/a", "d/e/", "d/e/f", "d/e/f/g", "./a", "d//a", "x" * 90, "d/" + "y" * 90, "é"]
STRANGE = ["/abs", "../out", "d/../b", "d/../../out", "d/..", "..", "/", "//abs", "./../out", "a/"]
TARGETS = ["a", "b", "d", "e/f", "./a", "../a", "d/e"]
STRANGE_TARGETS = ["/etc/passwd", "../victim", "../../victim", "d/../..", "d/../../victim", "..", "."]
MODES = [0o644, 0o755, 0o600, 0o4755, 0o2755, 0o6711, 0o1777, 0o3770, 0o444, 0o500, 0o777]
SPECIAL = {"fifo": tarfile.FIFOTYPE, "char": tarfile.CHRTYPE, "block": tarfile.BLKTYPE}
LINKS = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE}


def is_same(one, other):
    return os.path.normpath(one) == os.path.normpath(other)


def draw(rng, has_special, has_hardlinks):
    members = []
    for _ in range(rng.randint(1, 6)):
        kinds = ["file"] * 5 + ["symlink"] * 2 + ["hardlink"] * (2 if has_hardlinks else 0)
        kind = rng.choice(kinds + (list(SPECIAL) if has_special else []))
        name = rng.choice(STRANGE if rng.random() < 0.05 else NAMES)
        if kind == "file" and name.endswith("/"):
            kind = "folder"
        target = rng.choice(STRANGE_TARGETS if rng.random() < 0.25 else TARGETS)
        mode = rng.choice(MODES)
        if kind == "hardlink":
            earlier = [one[1] for one in members if one[0] == "file"]
            target = rng.choice(earlier) if earlier and rng.random() < 0.8 else target
            same = [one[3] for one in members if one[0] == "file" and is_same(one[1], target)]
            mode = same[-1] if same else mode
        members.append((kind, name if kind == "folder" else name.rstrip("/") or "/", target, mode))
    return members


def tar_of(members, form):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for number, (kind, name, target, mode) in enumerate(members):
            info = tarfile.TarInfo(name)
            info.mode, info.mtime, data = mode, 981173106, b""
            if kind == "file":
                data = b"%d\n" % number
                info.size = len(data)
            elif kind == "folder":
                info.type = tarfile.DIRTYPE
            else:
                info.type = {**SPECIAL, **LINKS}[kind]
                info.linkname = target if kind in LINKS else ""
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def zip_of(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (kind, name, target, mode) in enumerate(members):
            info = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6))
            info.create_system = 3
            kinds = {"file": stat.S_IFREG, "folder": stat.S_IFDIR, "symlink": stat.S_IFLNK}
            info.external_attr = (kinds[kind] | mode) << 16
            data = {"file": b"%d\n" % number, "folder": b"", "symlink": target.encode()}[kind]
            archive.writestr(info, data)
    return stream.getvalue()


def tree(folder):
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            shown = os.path.relpath(path, folder)
            facts = os.lstat(path)
            if stat.S_ISLNK(facts.st_mode):
                found[shown] = "-> " + os.readlink(path)
            elif stat.S_ISDIR(facts.st_mode):
                found[shown] = "folder"
            else:
                with open(path) as file:
                    text = file.read().strip()
                found[shown] = "%s %s" % ("program" if facts.st_mode & 0o100 else "file", text)
    return dict(sorted(found.items()))


def judge(tar):
    """The result of the `data` filter: the exception that it raises, and the extracted files."""
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "into")
        os.mkdir(folder)
        refused = None
        try:
            with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
                archive.extractall(folder, filter="data")
        except Exception as error:
            refused = type(error).__name__
        # Also lists directories that nobody may enter.
        return refused, tree(folder)


def is_odd(members):
    """Whether no honest archive is like this, so that only its safe members count."""
    odd = False
    files, links, hard, every = set(), set(), set(), []
    for kind, name, target, _ in members:
        path = os.path.normpath(name)
        texts = [name, target] if kind in LINKS else [name]
        odd |= any(text.startswith("/") or ".." in text.split("/") for text in texts)
        odd |= kind == "hardlink" and os.path.normpath(target) not in files
        # A path that appears twice, once as a link; or a file at the path of a directory.
        odd |= path in links | hard or (kind in LINKS and path in every)
        every.append(path)
        if kind == "hardlink":
            # Writing to one of the two names may or may not change the other.
            hard.add(os.path.normpath(target))
        if kind in LINKS:
            links.add(path)
        elif kind == "file":
            files.add(path)
    solid = files | links
    return odd or any(path.startswith(one + "/") for path in every for one in solid) or any(
        kind == "folder" and os.path.normpath(name) in solid for kind, name, _, _ in members)


def main(seed, count):
    rng = random.Random(int(seed))
    cases = []
    for _ in range(int(count)):
        form = rng.choice([*FORMATS, "zip"])
        members = draw(rng, form != "zip" and rng.random() < 0.15, form != "zip")
        tar = tar_of(members, FORMATS.get(form, tarfile.PAX_FORMAT))
        refused, left = judge(tar)
        packed = gzip.compress(zip_of(members) if form == "zip" else tar, mtime=0)
        cases.append({
            "form": form, "archive": base64.b64encode(packed).decode(),
            "odd": is_odd(members), "special": any(kind in SPECIAL for kind, *_ in members),
            "refused": refused, "tree": left,
        })
    print("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]")


if __name__ == "__main__":
    main(*sys.argv[1:])
