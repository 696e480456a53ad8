"""`USER@HOST:PORT`, and its parts."""

import re

from _hostout.shared_env import env
from _hostout.unsaid import said, unsaid
from fabric.origins import is_of_part, part, said_of

_HOST = re.compile(r"^(?:(?P<user>.+)@)?(?P<host>\[[^\]]+\]|[^:]*|[0-9a-fA-F:]*:[0-9a-fA-F:]*)"
                   r"(?::(?P<port>\d+))?$")


def parse_host_string(host_string):
    match = _HOST.match(host_string)
    found = match.groupdict() if match else {"user": None, "host": host_string, "port": None}
    if found["host"]:
        found["host"] = found["host"].strip("[]")
    return found


def normalize(host_string, omit_port=False):
    """User, host and port; missing ones come from `env`."""
    if not host_string:
        return ("", "") if omit_port else ("", "", "")
    found = parse_host_string(host_string)
    host = found["host"]
    own = is_of_part(host)
    user = found["user"] or _said("user", own) or env.get("user") or env.local_user
    if omit_port:
        return user, host
    port = found["port"] or _said("port", own) or unsaid(str(part["port"] if own else env.default_port))
    return user, host, port


def _said(name, own):
    """The values that fabfiles set in `env`, for the part's host or another one."""
    return said(env.get(name)) if own else said_of(name)


def to_dict(host_string):
    user, host, port = normalize(host_string)
    return {"user": user, "host": host, "port": port, "host_string": host_string}


def from_dict(arg):
    return join_host_strings(arg["user"], arg["host"], arg["port"])


def join_host_strings(user, host, port=None):
    if port and ":" in host:
        host = "[%s]" % host
    return "%s@%s%s" % (user, host, ":%s" % port if port else "")


def denormalize(host_string):
    found = parse_host_string(host_string)
    user = "%s@" % found["user"] if found["user"] else ""
    port = ":%s" % found["port"] if found["port"] not in (None, "22") else ""
    return user + found["host"] + port


def normalize_to_string(host_string):
    return join_host_strings(*normalize(host_string))
