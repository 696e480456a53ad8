"""The result of `Connection.sftp()`: paramiko's SFTPClient, over the engine's connection."""

import base64
import io
import os
import posixpath
import stat

from _hostout.engine import ask
from fabric.errors import translated


class SFTPAttributes(object):
    """st_size, st_mode, st_uid, st_gid, st_atime, st_mtime; in lists also filename and longname."""

    def __init__(self, values):
        self.filename = self.longname = None
        self.__dict__.update(values)

    def __str__(self):
        return str(self.longname or self.filename)


class SFTPClient(object):

    def __init__(self, connection):
        self._connection = connection
        self._folder = None

    def _ask(self, name, path, *args):
        with translated():
            return ask("sftp", self._connection.call_settings(), name, self._at(path), list(args))

    def _at(self, path):
        return posixpath.join(self._folder, str(path)) if self._folder else str(path)

    def stat(self, path):
        return SFTPAttributes(self._ask("stat", path))

    def lstat(self, path):
        return SFTPAttributes(self._ask("lstat", path))

    def listdir_attr(self, path="."):
        entries = (SFTPAttributes(each) for each in self._ask("listdir", path))
        return [each for each in entries if each.filename not in (".", "..")]

    def listdir(self, path="."):
        return [each.filename for each in self.listdir_attr(path)]

    def listdir_iter(self, path=".", read_aheads=50):
        """`read_aheads` is for compatibility with paramiko; here, a list arrives as a whole."""
        return iter(self.listdir_attr(path))

    def mkdir(self, path, mode=0o777):
        self._ask("mkdir", path, mode)

    def rmdir(self, path):
        self._ask("rmdir", path)

    def remove(self, path):
        self._ask("remove", path)

    unlink = remove

    def rename(self, oldpath, newpath):
        self._ask("rename", oldpath, self._at(newpath))

    def posix_rename(self, oldpath, newpath):
        self._ask("posix_rename", oldpath, self._at(newpath))

    def symlink(self, source, dest):
        with translated():
            ask("sftp", self._connection.call_settings(), "symlink", str(source), [self._at(dest)])

    def readlink(self, path):
        return self._ask("readlink", path)

    def normalize(self, path):
        return self._ask("normalize", path)

    def chmod(self, path, mode):
        self._ask("chmod", path, mode)

    def chown(self, path, uid, gid):
        self._ask("chown", path, uid, gid)

    def truncate(self, path, size):
        self._ask("truncate", path, size)

    def utime(self, path, times):
        import time

        accessed, modified = times if times is not None else (time.time(), time.time())
        self._ask("utime", path, accessed, modified)

    def chdir(self, path=None):
        if path is None:
            self._folder = None
            return
        if not stat.S_ISDIR(self.stat(path).st_mode):
            raise NotADirectoryError(20, "Not a directory: %s" % path)
        self._folder = self.normalize(path)

    def getcwd(self):
        return self._folder

    def close(self):
        """The channel is the engine's."""

    # Whole files.

    def get(self, remotepath, localpath, callback=None, prefetch=True):
        found = self.stat(remotepath)
        if stat.S_ISDIR(found.st_mode):
            raise OSError("Failure")
        with translated():
            ask("get", self._absolute(remotepath), os.path.abspath(str(localpath)),
                self._connection.call_settings())
        _done(callback, found.st_size, found.st_size)

    def put(self, localpath, remotepath, callback=None, confirm=True):
        with open(localpath, "rb") as file:
            """A directory, or what cannot be read, is Python's to refuse."""
            size = os.fstat(file.fileno()).st_size
        self.upload({"path": os.path.abspath(str(localpath))}, remotepath)
        _done(callback, size, size)
        return self._confirmed(remotepath, size, confirm)

    def _confirmed(self, remotepath, size, confirm):
        """Attributes of the uploaded file; with `confirm`, it must have that size."""
        if not confirm:
            return SFTPAttributes({"st_" + name: None for name in ("size", "mode", "uid", "gid", "atime", "mtime")})
        found = self.stat(remotepath)
        if found.st_size != size:
            raise OSError("size mismatch in put!  %d != %d" % (found.st_size, size))
        return found

    def upload(self, source, remotepath, mode=None):
        """A file in the engine's form; without a mode, an existing file keeps its mode."""
        path = self._absolute(remotepath)
        if mode is None:
            try:
                mode = stat.S_IMODE(self.stat(path).st_mode)
            except OSError:
                mode = 0o644
        with translated():
            ask("put", source, path, self._connection.call_settings(), {"mode": mode})

    def _absolute(self, path):
        return posixpath.join(self._folder or self.normalize("."), str(path))

    def getfo(self, remotepath, fl, callback=None, prefetch=True):
        data = self.read(remotepath)
        fl.write(data)
        _done(callback, len(data), len(data))
        return len(data)

    def read(self, path):
        """The whole content of a file."""
        return self._ask("read", path).encode("latin-1")

    def putfo(self, fl, remotepath, file_size=0, callback=None, confirm=True):
        data = fl.read()
        data = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        self.upload({"bytes": base64.b64encode(data).decode("ascii")}, remotepath)
        _done(callback, len(data), file_size)
        return self._confirmed(remotepath, len(data), confirm)

    def open(self, filename, mode="r", bufsize=-1):
        return _File(self, filename, mode, bufsize)

    file = open


def _done(callback, size, total):
    """Files are transferred as a whole: there is one call, at the end."""
    if callback is not None:
        callback(size, total)


class _File(io.BytesIO):
    """A file that is read when it is opened, and written when it is closed (or flushed, depending on `bufsize`).
    Binary, as in paramiko."""

    def __init__(self, client, filename, mode, bufsize):
        self._client, self._filename, self._bufsize = client, filename, bufsize
        self._writes = any(each in mode for each in "wa+x")
        if "x" in mode:
            try:
                client.lstat(filename)
            except OSError:
                pass
            else:
                raise FileExistsError(17, "File exists", filename)
        super().__init__(b"" if "w" in mode or "x" in mode else self._content("a" in mode))
        if "a" in mode:
            self.seek(0, 2)

    def _content(self, may_be_absent):
        try:
            return self._client.read(self._filename)
        except FileNotFoundError:
            if may_be_absent:
                return b""
            raise

    def write(self, data):
        data = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        count = super().write(data)
        if self._bufsize == 0 or self._bufsize == 1 and b"\n" in data:
            self.flush()
        return count

    def flush(self):
        if self._writes and not self.closed:
            self._client._ask("write", self._filename, self.getvalue().decode("latin-1"))

    def close(self):
        if not self.closed:
            self.flush()
            super().close()
