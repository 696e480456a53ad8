"""Whole folders."""

import os
import shlex

from _hostout.engine import ask
from fabric import host
from fabric.transfer import put

__all__ = ["rsync_project", "upload_project"]


def rsync_project(remote_dir, local_dir=None, exclude=(), delete=False, extra_opts="", ssh_opts="",
                  capture=False, upload=True, default_opts="-pthrvz"):
    """Synchronises a folder by rsync, through the connection that is there."""
    if local_dir is None:
        # The folder itself goes below `remote_dir`.
        local_dir = os.getcwd().rstrip("/")
    slash = "/" if str(local_dir).endswith("/") else ""
    excluded = [exclude] if isinstance(exclude, str) else [str(each) for each in exclude]
    ask("rsync", host.local_path(local_dir) + slash, str(remote_dir), host.settings(), {
        "delete": bool(delete),
        "exclude": excluded,
        "download": not upload,
        "options": shlex.split(default_opts) + shlex.split(extra_opts),
    })
    return ""


def upload_project(local_dir=None, remote_dir="", use_sudo=False):
    """Uploads a folder; it is then below `remote_dir`."""
    return put(local_dir or os.getcwd(), remote_dir or ".", use_sudo=use_sudo)
