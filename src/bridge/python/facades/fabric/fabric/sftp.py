"""Files of the host that commands go to."""

import posixpath
import stat

from fabric import host
from fabric.sftp_client import SFTPClient


class _Host(object):
    """A host string, for the client; without one the host of the moment."""

    def __init__(self, string):
        self._string = string

    def call_settings(self):
        return host.settings() if self._string is None else host.settings_at(self._string)


class SFTP(SFTPClient):
    """Paramiko's client, and what Fabric 1 adds to it."""

    def __init__(self, host_string=None):
        super().__init__(_Host(host_string))

    def isdir(self, path):
        try:
            return stat.S_ISDIR(self.stat(path).st_mode)
        except OSError:
            return False

    def islink(self, path):
        try:
            return stat.S_ISLNK(self.lstat(path).st_mode)
        except OSError:
            return False

    def exists(self, path):
        try:
            self.lstat(path)
        except OSError:
            return False
        return True

    def walk(self, top):
        """(directory, names of those in it, names of its files); links to directories are not followed."""
        folders, files, real = [], [], []
        for each in self.listdir_attr(top):
            path = posixpath.join(top, each.filename)
            if stat.S_ISDIR(each.st_mode) or stat.S_ISLNK(each.st_mode) and self.isdir(path):
                folders.append(each.filename)
                real += [] if stat.S_ISLNK(each.st_mode) else [path]
            else:
                files.append(each.filename)
        yield top, folders, files
        for path in real:
            yield from self.walk(path)
