"""Which hosts a task runs on."""

from fabric.state import env
from fabric.utils import abort, indent

_PLACES = {"host": "hosts", "hosts": "hosts", "role": "roles", "roles": "roles", "exclude_hosts": "exclude_hosts"}


def merge(hosts, roles, exclude, roledefs):
    """The hosts and those of roles, except the excluded ones; without duplicates if `env` says so."""
    unknown = [role for role in roles if role not in roledefs]
    if unknown:
        abort("The following specified roles do not exist:\n%s" % indent(unknown))
    found = [hosts] if isinstance(hosts, str) else list(hosts)
    for role in roles:
        value = roledefs[role]
        value = value["hosts"] if isinstance(value, dict) else value
        found += value() if callable(value) else value
    found = [str(each).strip() for each in found]
    if not env.dedupe_hosts:
        return found
    return [each for each in dict.fromkeys(found) if each not in exclude]


def parse_kwargs(kwargs):
    """Arguments of the task, hosts, roles, and excluded hosts."""
    places = {"hosts": [], "roles": [], "exclude_hosts": []}
    rest = {}
    for name, value in kwargs.items():
        if name in _PLACES:
            places[_PLACES[name]] = [value] if name in ("host", "role") else value
        else:
            rest[name] = value
    return rest, places["hosts"], places["roles"], places["exclude_hosts"]


def crawl(name, mapping):
    """The value of a dotted name in nested mappings, or None."""
    value = mapping
    for key in name.split("."):
        try:
            value = value[key]
        except (KeyError, TypeError):
            return None
    return value
