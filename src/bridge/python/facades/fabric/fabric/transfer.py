"""Files on their way to the host and back."""

import base64
import glob as local_glob
import os
import posixpath
import shutil
import stat
import tempfile

from _hostout.engine import ask
from fabric import host
from fabric.results import _AttributeList
from fabric.state import env
from fabric.utils import error


def _quoted(path):
    """For the host's shell, which puts in the home folder."""
    import shlex

    if path.startswith("~"):
        user, slash, rest = path.partition("/")
        return user + slash + (shlex.quote(rest) if rest else "")
    return shlex.quote(path)


def _mode(mode):
    return int(mode, 8) if isinstance(mode, str) else mode


def _put_one(source, remote, use_sudo, mode):
    return ask("put", source, remote, host.settings(), {"useSudo": use_sudo, "mode": mode})


def put(local_path=None, remote_path=None, use_sudo=False, mirror_local_mode=False, mode=None,
        use_glob=True, temp_dir=None):
    """Uploads a file, a folder, what a pattern matches, or what a file object reads."""
    remote = str(remote_path) if remote_path else "."
    mode = _mode(mode)
    if hasattr(local_path, "read"):
        place = local_path.tell()
        local_path.seek(0)
        content = local_path.read()
        local_path.seek(place)
        data = content.encode("utf-8") if isinstance(content, str) else bytes(content)
        name = getattr(local_path, "name", None)
        if remote.endswith("/") and isinstance(name, str):
            remote += os.path.basename(name)
        return _AttributeList([_put_one({"bytes": base64.b64encode(data).decode("ascii")}, remote,
                                        use_sudo, mode)])
    path = host.local_path(local_path)
    if str(local_path).endswith("/."):
        path += "/."
    names = sorted(local_glob.glob(path)) if use_glob and not os.path.lexists(path) else [path]
    done = _AttributeList()
    done.failed = [name for name in names or [path] if not os.path.exists(name)]
    if done.failed:
        error("'%s' is not a valid local path or glob." % local_path)
        return done
    for name in names:
        if os.path.isdir(name):
            done.append(_put_one({"path": os.path.normpath(name)}, remote, use_sudo, None))
        else:
            # The name is the last part of the target only where that is a folder.
            wanted = stat.S_IMODE(os.stat(name).st_mode) if mirror_local_mode and mode is None else mode
            done.append(_put_one({"path": name}, remote, use_sudo, wanted))
    return done


def _matches(remote):
    """The paths on the host that a pattern matches."""
    if not any(character in remote for character in "*?["):
        return [remote]
    # A space inside is part of the name.
    pattern = remote.replace(" ", "\\ ")
    answer = host.silently("for f in %s; do [ -e \"$f\" ] && printf '%%s\\n' \"$f\"; done; true" % pattern)
    return answer["stdout"].splitlines()


def _readable(remote):
    """A folder with a copy of what only root may read."""
    folder = host.silently("d=$(mktemp -d) && id -u >\"$d/.id\" && printf %s \"$d\"")["stdout"]
    command = "cp -RL {0} {1}/ && chown -R \"$(cat {1}/.id)\" {1}".format(_quoted(remote), folder)
    copied = host.silently(command, use_sudo=True)
    return folder, copied["code"] == 0


def _target(remote, local_path):
    """Where a remote file goes to."""
    values = {
        "host": (env.host_string or host.part["host"]).rsplit("@", 1)[-1].replace(":", "-"),
        "path": remote.lstrip("/").replace("../", ""),
        "basename": posixpath.basename(remote.rstrip("/")),
        "dirname": posixpath.dirname(remote).lstrip("/"),
    }
    text = "%(host)s/%(basename)s" if local_path is None else str(local_path)
    folder = text.endswith("/")
    target = host.local_path(text % values if "%(" in text else text)
    if folder or os.path.isdir(target) and "%(" not in text:
        target = os.path.join(target, values["basename"])
    return target


def _get_one(remote, local_path, use_sudo):
    folder = None
    source = remote
    if use_sudo:
        folder, copied = _readable(remote)
        source = "%s/%s" % (folder, posixpath.basename(remote.rstrip("/")))
    try:
        if use_sudo and not copied or ask("stat", source, host.settings()) is None:
            return None
        if hasattr(local_path, "write"):
            return _get_into(source, local_path, remote)
        target = _target(remote, local_path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        return ask("get", source, target, host.settings())
    finally:
        if folder:
            host.silently("rm -rf %s" % folder)


def _get_into(source, stream, remote):
    folder = tempfile.mkdtemp()
    try:
        file = ask("get", source, os.path.join(folder, "file"), host.settings())
        with open(file, "rb") as opened:
            content = opened.read()
    finally:
        shutil.rmtree(folder)
    try:
        stream.write(content)
    except TypeError:
        stream.write(content.decode("utf-8"))
    return getattr(stream, "name", "<file obj>")


def get(remote_path, local_path=None, use_sudo=False, temp_dir=None):
    """Downloads a file, a folder or what a pattern matches, by default to `HOST/NAME`."""
    done = _AttributeList()
    done.failed = []
    names = _matches(str(remote_path))
    for remote in names:
        path = _get_one(remote, local_path, use_sudo)
        (done.failed if path is None else done).append(remote if path is None else path)
    if done.failed or not names:
        done.failed = done.failed or [str(remote_path)]
        error("There is no %s on %s to get." % (", ".join(done.failed), host.part["name"]))
    return done


def __getattr__(name):
    """Names of Fabric 2."""
    if name not in ("Result", "Transfer"):
        raise AttributeError("module 'fabric.transfer' has no attribute %r" % name)
    from fabric import modern_transfer

    return getattr(modern_transfer, name)
