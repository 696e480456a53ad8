"""File transfer in Fabric 2: one file at a time."""

import errno
import os
import posixpath
import stat


class Result(object):
    """The result of `put` and `get`."""

    __module__ = "fabric.transfer"

    def __init__(self, local, orig_local, remote, orig_remote, connection):
        self.local = local
        self.orig_local = orig_local
        self.remote = remote
        self.orig_remote = orig_remote
        self.connection = connection


class Transfer(object):

    __module__ = "fabric.transfer"

    def __init__(self, connection):
        self.connection = connection

    @property
    def sftp(self):
        return self.connection.sftp()

    def is_remote_dir(self, path):
        try:
            return stat.S_ISDIR(self.sftp.stat(path).st_mode)
        except OSError:
            return False

    def _absolute(self, remote):
        return posixpath.join(self.sftp.getcwd() or self.sftp.normalize("."), remote)

    def get(self, remote, local=None, preserve_mode=True):
        if not remote:
            raise ValueError("Remote path must not be empty!")
        path = self._absolute(str(remote))
        if hasattr(local, "write") and callable(local.write):
            self.sftp.getfo(path, local)
            return Result(local, local, path, remote, self.connection)
        target = self._local(path, local)
        self.sftp.get(path, target)
        if preserve_mode:
            os.chmod(target, stat.S_IMODE(self.sftp.stat(path).st_mode))
        return Result(target, local, path, remote, self.connection)

    def _local(self, path, local):
        """The local file for `local`, which may be a pattern or None."""
        name = posixpath.basename(path)
        connection = self.connection
        text = str(local).format(host=connection.host, user=connection.user, port=connection.port,
                                 dirname=posixpath.dirname(path), basename=name) if local else name
        if text.endswith(os.sep):
            text = os.path.join(text, name)
        target = os.path.abspath(text)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), target)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        return target

    def put(self, local, remote=None, preserve_mode=True):
        if not local:
            raise ValueError("Local path must not be empty!")
        is_file = hasattr(local, "write") and callable(local.write)
        name = getattr(local, "name", None) if is_file else os.path.basename(str(local))
        if not remote and is_file:
            raise ValueError("Must give non-empty remote path when local is a file-like object!")
        path = str(remote) if remote else name
        if remote and self.is_remote_dir(path):
            if not name:
                raise ValueError("Can't put a file-like-object into a directory unless it has a non-empty "
                                 ".name attribute!" if is_file else "There is no file name to put into a "
                                 "directory: %r" % (local,))
            path = posixpath.join(path, name)
        path = self._absolute(path)
        if is_file:
            place = local.tell()
            try:
                local.seek(0)
                self.sftp.putfo(local, path)
            finally:
                local.seek(place)
            return Result(local, local, path, remote, self.connection)
        source = os.path.abspath(str(local))
        self.sftp.put(source, path)
        if preserve_mode:
            self.sftp.chmod(path, stat.S_IMODE(os.stat(source).st_mode))
        return Result(source, local, path, remote, self.connection)
