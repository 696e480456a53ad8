"""Files on the current host."""

import posixpath
import stat

from _hostout.keywords import refuse
from fabric import host
from fabric.sftp_client import SFTPClient


class _Host(object):
    """The host string for the client, by default the current host."""

    def __init__(self, string):
        self._string = string

    def call_settings(self):
        return host.settings() if self._string is None else host.settings_at(self._string)


class SFTP(SFTPClient):
    """Paramiko's client, with the additions of Fabric 1."""

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

    def mkdir(self, path, use_sudo=False):
        refuse("mkdir", {"use_sudo": use_sudo or None}, {"use_sudo": "make it by sudo()."})
        super().mkdir(path)

    def walk(self, top, topdown=True, onerror=None, followlinks=False):
        """(directory, names of directories in it, names of files in it), with the arguments of `os.walk`."""
        try:
            entries = self.listdir_attr(top)
        except OSError as problem:
            if onerror is not None:
                onerror(problem)
                return
            raise
        folders, files, real = [], [], set()
        for each in entries:
            path = posixpath.join(top, each.filename)
            is_link = stat.S_ISLNK(each.st_mode)
            if stat.S_ISDIR(each.st_mode) or is_link and self.isdir(path):
                folders.append(each.filename)
                if followlinks or not is_link:
                    real.add(each.filename)
            else:
                files.append(each.filename)
        if topdown:
            yield top, folders, files
        # The directories that the caller has left in the list.
        for name in filter(real.__contains__, folders):
            yield from self.walk(posixpath.join(top, name), topdown, onerror, followlinks)
        if not topdown:
            yield top, folders, files
