"""Whole directories."""

import glob
import os
import shlex
import tempfile

from _hostout.engine import ask
from fabric import host
from fabric.context_managers import cd, hide
from fabric.exceptions import Refused
from fabric.remote_commands import local, run, sudo
from fabric.results import attributed
from fabric.state import env
from fabric.transfer import put
from fabric.utils import error

__all__ = ["rsync_project", "upload_project"]


def rsync_project(remote_dir, local_dir=None, exclude=(), delete=False, extra_opts="", ssh_opts="",
                  capture=False, upload=True, default_opts="-pthrvz"):
    """Synchronizes a directory with rsync, over the existing connection."""
    if ssh_opts:
        raise TypeError("rsync_project() does not support ssh_opts= here: the connection is the one that commands "
                        "have. Write what it needs into ~/.ssh/config.")
    # Without a trailing slash, the directory itself is created below `remote_dir`.
    source = str(local_dir) if local_dir is not None else os.getcwd().rstrip("/")
    excluded = [exclude] if isinstance(exclude, str) else [str(each) for each in exclude]
    answer = {"stdout": "", "stderr": "", "code": 0}
    names, remote = _names(source) if upload else [source], str(remote_dir)
    try:
        answer["stdout"] = "\n".join(ask(
            "rsync", host.local_path(name) + ("/" if name.endswith("/") else ""),
            remote if len(names) == 1 else remote.rstrip("/") + "/", host.settings(), bool(capture), {
                "archive": False,
                "delete": bool(delete),
                "exclude": excluded,
                "download": not upload,
                "options": shlex.split(default_opts) + shlex.split(extra_opts),
            }) for name in names)
    except Refused as problem:
        answer.update(code=1, stderr=str(problem))
        if not env.warn_only:
            raise
        error("rsync_project() failed.", exception=problem)
    return attributed("rsync", "rsync", answer, env.ok_ret_codes)


def _names(source):
    """The matches of a pattern, as a shell would insert them."""
    found = sorted(glob.glob(host.local_path(source))) if any(each in source for each in "*?[") else []
    return found or [source]


def upload_project(local_dir=None, remote_dir="", use_sudo=False):
    """Uploads a directory as an archive; it is unpacked below `remote_dir`."""
    folder = host.local_path(local_dir or os.getcwd())
    name = os.path.basename(folder)
    archive = "%s.tar.gz" % name
    unpack = sudo if use_sudo else run
    with tempfile.TemporaryDirectory() as scratch:
        packed = os.path.join(scratch, archive)
        local("tar -czf %s -C %s %s" % tuple(map(shlex.quote, (packed, os.path.dirname(folder), name))))
        put(packed, os.path.join(remote_dir, archive), use_sudo=use_sudo)
    with cd(remote_dir):
        try:
            unpack("tar -xzf %s" % archive)
        finally:
            unpack("rm -f %s" % archive)
