"""File transfer to and from the host as in Fabric 1."""

import base64
import errno
import fnmatch
import glob as local_glob
import os
import posixpath
import re
import shlex
import stat
import uuid

from _hostout.engine import ask
from fabric import host
from fabric.context_managers import hide, settings
from fabric.exceptions import Refused
from fabric.remote_commands import run, sudo
from fabric.results import _AttributeList
from fabric.sftp import SFTP
from fabric.state import env
from fabric.utils import error, warn

# Characters that a shell would expand.
_EXPANDED = re.compile(r"[~$*?\[`\\]")


def _as_root(command):
    """Runs one of our own commands with sudo, hidden and in the login directory."""
    with settings(hide("everything"), cwd="", command_prefixes=[]):
        return sudo(command)


def _told_by_shell(command):
    """The output of the host's shell; empty if it fails."""
    with settings(hide("everything"), warn_only=True, cwd="", command_prefixes=[]):
        result = run(command)
    return "" if result.failed else str(result)


def _folder():
    """The directory of `cd`, in a form that SFTP understands."""
    plain = env.cwd.replace("\\ ", " ")
    if not _EXPANDED.search(plain):
        return plain
    return _told_by_shell("cd %s >/dev/null && pwd" % env.cwd) or plain


def _expanded(client, path):
    """The path with its tilde replaced with the home directory."""
    if not path.startswith("~"):
        return path
    user, slash, rest = path.partition("/")
    home = client.normalize(".") if user == "~" else _told_by_shell("echo %s" % user) or user
    return home + slash + rest


def _here(path):
    """A local path: a relative one stays relative unless `lcd` sets its directory."""
    path = os.path.expanduser(str(path))
    return os.path.join(host.local_folder(), path) if env.lcwd else path


def _local_names(path, use_glob):
    found = local_glob.glob(path) if use_glob else []
    return sorted(found) or ([path] if os.path.exists(path) else [])


class _Upload(object):
    """One call of `put`."""

    def __init__(self, client, use_sudo, mirror_local_mode, mode, temp_dir):
        self._client = client
        self._use_sudo = use_sudo
        self._mirror = mirror_local_mode
        self._mode = int(mode, 8) if isinstance(mode, str) else mode
        self._temp_dir = temp_dir

    def file(self, source, remote):
        """The path on the host. `source` is a path or a file object."""
        is_path = isinstance(source, str)
        if is_path and self._client.isdir(remote):
            remote = posixpath.join(remote, os.path.basename(source))
        place = posixpath.join(self._temp_dir, uuid.uuid4().hex) if self._use_sudo else remote
        mode = self._wanted_mode(source if is_path else None)
        self._client.upload({"path": os.path.abspath(source)} if is_path else _content(source), place, mode)
        if self._use_sudo:
            _as_root("mv %s %s" % (shlex.quote(place), shlex.quote(remote)))
        return remote

    def directory(self, source, remote):
        """The paths on the host of the files below a directory."""
        name = os.path.basename(source) or os.path.basename(os.path.dirname(source))
        done = []
        for context, folders, files in os.walk(source):
            below = os.path.relpath(context, source).replace(os.sep, "/")
            there = posixpath.join(remote, name, "" if below == "." else below).rstrip("/")
            self._make_directory(there)
            for each in folders:
                self._make_directory(posixpath.join(there, each))
            done += [self.file(os.path.join(context, each), posixpath.join(there, each)) for each in files]
        return done

    def _make_directory(self, path):
        if self._client.exists(path):
            return
        if self._use_sudo:
            _as_root("mkdir %s" % shlex.quote(path))
        else:
            self._client.mkdir(path)

    def _wanted_mode(self, path):
        if path is not None and self._mirror:
            return stat.S_IMODE(os.stat(path).st_mode)
        return None if self._mode is None else self._mode & 0o7777


def _content(stream):
    """The whole content of a file object, whose position does not change."""
    place = stream.tell()
    stream.seek(0)
    content = stream.read()
    stream.seek(place)
    data = content.encode("utf-8") if isinstance(content, str) else bytes(content)
    return {"bytes": base64.b64encode(data).decode("ascii")}


def put(local_path=None, remote_path=None, use_sudo=False, mirror_local_mode=False, mode=None,
        use_glob=True, temp_dir=""):
    """Uploads a file, a directory, the matches of a pattern, or the content of a file object."""
    local_path = local_path or os.getcwd()
    is_path = not callable(getattr(local_path, "read", None))
    client = SFTP()
    remote = _expanded(client, str(remote_path)) if remote_path else client.normalize(".")
    if not remote.startswith("/") and env.cwd:
        remote = _folder().rstrip("/") + "/" + remote
    names = _local_names(_here(local_path), use_glob) if is_path else [local_path]
    if not names:
        raise ValueError("'%s' is not a valid local path or glob." % local_path)
    if len(names) > 1 and client.exists(remote) and not client.isdir(remote):
        raise ValueError("'%s' is not a directory" % remote)
    upload = _Upload(client, use_sudo, mirror_local_mode, mode, temp_dir or "")
    done = _AttributeList()
    done.failed = []
    for name in names:
        try:
            if is_path and os.path.isdir(name):
                done.extend(upload.directory(name, remote))
            else:
                done.append(upload.file(name, remote))
        except (Exception, Refused) as problem:
            done.failed.append(name if is_path else "<StringIO>")
            error("put() cannot upload '%s'." % name, exception=problem)
    return done


class _Download(object):
    """One call of `get`."""

    def __init__(self, client, local, use_sudo, temp_dir):
        self._client = client
        self._local = local
        self._use_sudo = use_sudo
        self._temp_dir = temp_dir

    def all(self, remote):
        """The local paths of a file, or of the files below a directory."""
        if not self._client.isdir(remote):
            return [self._file(remote, posixpath.basename(remote), self._local)]
        top = posixpath.dirname(remote.rstrip("/"))
        ordered = "%(path)s" in self._local or "%(dirname)s" in self._local
        done = []
        for context, _, files in self._client.walk(remote):
            below = context.replace(top, "", 1).lstrip("/")
            for each in files:
                local = self._local if ordered else os.path.join(self._local, below, each)
                done.append(self._file(posixpath.join(context, each), posixpath.join(below, each), local))
        return done

    def _file(self, remote, name, local):
        target = os.path.abspath(_filled(local, name))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(target):
            target = os.path.join(target, posixpath.basename(name))
        if os.path.exists(target):
            warn("Local file %s already exists and is being overwritten." % target)
        self._fetched(remote, lambda source: self._client.get(source, target))
        return target

    def into(self, remote, stream):
        """Writes the content of a file to a file object."""
        stream.seek(0)
        content = []
        self._fetched(remote, lambda source: content.append(self._client.read(source)))
        try:
            stream.write(content[0])
        except TypeError:
            stream.write(content[0].decode("utf-8"))

    def _fetched(self, remote, fetch):
        """`fetch` for the file, or for a copy that the login user may read."""
        if not self._use_sudo:
            return fetch(remote)
        copy = posixpath.join(self._temp_dir, uuid.uuid4().hex)
        user = ask("whereabouts", host.settings())["user"]
        words = {"from": shlex.quote(remote), "to": shlex.quote(copy), "user": shlex.quote(user)}
        _as_root("cp -p %(from)s %(to)s && chown %(user)s %(to)s && chmod 400 %(to)s" % words)
        try:
            return fetch(copy)
        finally:
            _as_root("rm -f %(to)s" % words)


def _filled(local, name):
    """The local path, after replacing `%(path)s` and similar names."""
    values = {
        "host": (env.host_string or host.part["host"]).replace(":", "-"),
        "path": name,
        "basename": posixpath.basename(name),
        "dirname": posixpath.dirname(name),
    }
    return re.sub(r"%(?:\((host|path|basename|dirname)\)s|%)",
                  lambda match: values[match.group(1)] if match.group(1) else "%", local)


def _remote_names(client, remote):
    """The paths on the host that match a pattern; like in a shell, not those that begin with a dot."""
    if "*" not in remote and "?" not in remote:
        return [remote]
    folder, pattern = posixpath.split(remote)
    names = fnmatch.filter([name for name in client.listdir(folder) if not name.startswith(".")], pattern)
    if not names:
        raise OSError(errno.ENOENT, "No such file", remote)
    return [posixpath.join(folder, name) for name in sorted(names)]


def get(remote_path, local_path=None, use_sudo=False, temp_dir=""):
    """Downloads a file, a directory or the matches of a pattern, by default to a directory named after the host."""
    local = local_path or "%(host)s/%(path)s"
    is_path = not callable(getattr(local, "write", None))
    client = SFTP()
    remote = _expanded(client, str(remote_path))
    if not remote.startswith("/"):
        remote = posixpath.join(_folder().rstrip("/") if env.cwd else client.normalize("."), remote)
    download = _Download(client, _here(local) if is_path else None, use_sudo, temp_dir or "")
    done = _AttributeList()
    done.failed = []
    try:
        names = _remote_names(client, remote)
        if not is_path and (len(names) > 1 or client.isdir(names[0])):
            error("get() cannot put %s, which is a pattern or a directory, into a file object." % remote)
        for remote in names:
            if is_path:
                done.extend(download.all(remote))
            else:
                download.into(remote, local)
    except (Exception, Refused) as problem:
        done.failed.append(remote)
        error("get() cannot download '%s'." % remote, exception=problem)
    return done


def __getattr__(name):
    """Names of Fabric 2."""
    if name not in ("Result", "Transfer"):
        raise AttributeError("module 'fabric.transfer' has no attribute %r" % name)
    from fabric import modern_transfer

    return getattr(modern_transfer, name)
