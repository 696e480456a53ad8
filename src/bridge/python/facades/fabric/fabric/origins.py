"""What the part says of its host, and what fabfiles say of others."""

from _hostout.shared_env import env
from _hostout.unsaid import said

# Set when the fabfiles are loaded; `login` is who logs in, where the part says it.
part = {"name": "", "host": "", "port": 22, "user": None, "login": None}

# What fabfiles have set at import where `env` has the part's values again: for hosts that are none of the part's.
imported = {}


def said_of(name, env=env):
    """Settings of fabfiles in `env` that apply to hosts other than the part's."""
    value = said(env.get(name))
    return imported.get(name) if value is None else value


def is_of_part(host):
    return host in (part["host"], part["name"])
