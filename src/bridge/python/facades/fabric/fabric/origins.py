"""Settings for the part's host, and what fabfiles set for other hosts."""

from _hostout.shared_env import env
from _hostout.unsaid import said

# Set when the fabfiles are loaded; `login` is the user of the part, if it has one.
part = {"name": "", "host": "", "port": 22, "user": None, "login": None}

# Values that fabfiles set at import, before `env` got the part's values again: for hosts other than the part's.
imported = {}


def said_of(name, env=env):
    """Settings of fabfiles in `env` that apply to hosts other than the part's."""
    value = said(env.get(name))
    return imported.get(name) if value is None else value


def is_of_part(host):
    return host in (part["host"], part["name"])
