"""Only a few names: the program is bin/hostout."""

import os

from _hostout.keywords import refuse
from _hostout.commands import is_classic_task, is_task_object
from fabric.state import env
from fabric.version import get_version


def load_settings(path):
    """`name = value` lines of a file such as Fabric's ~/.fabricrc."""
    if not os.path.exists(path):
        return {}
    found = {}
    with open(path) as lines:
        for line in lines:
            name, sign, value = line.partition("=")
            if sign and not line.lstrip().startswith("#"):
                found[name.strip()] = value.strip()
    return found


def find_fabfile(names=None):
    refuse("find_fabfile", {"names": names}, {"names": "the hostout part names its fabfiles."})
    return env.get("real_fabfile")


def main(*args, **kwargs):
    raise SystemExit("The program is bin/hostout: it runs the functions of this fabfile.")
