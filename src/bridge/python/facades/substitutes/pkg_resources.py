"""Replaces pkg_resources if the interpreter has none: only what recipes use of it."""

import os
import sys

from _hostout import facades
from _hostout.distributions import (
    DEVELOP_DIST,
    EGG_DIST,
    Distribution,
    DistributionNotFound,
    EntryPoint,
    ResolutionError,
    UnknownExtra,
    VersionConflict,
    WorkingSet,
    find_distributions,
)
from _hostout.requirements import (
    Requirement,
    parse_requirements,
    parse_version,
    safe_extra,
    safe_name,
    to_filename,
)

CHECKOUT_DIST = 0
SOURCE_DIST = 1
BINARY_DIST = 2

working_set = WorkingSet()
for _entry in sys.path:
    working_set.add_entry(_entry)

facades.introduce(sys.modules[__name__])

require = working_set.require
iter_entry_points = working_set.iter_entry_points
add_activation_listener = lambda callback: None


def declare_namespace(name):
    """Lets a package consist of several directories."""
    module = sys.modules[name]
    parts = name.split(".")
    for entry in sys.path:
        folder = os.path.join(entry, *parts)
        if os.path.isdir(folder) and folder not in module.__path__:
            module.__path__.append(folder)


def get_distribution(dist):
    """The installed distribution of that name. Raises DistributionNotFound."""
    if isinstance(dist, Distribution):
        return dist
    requirement = dist if isinstance(dist, Requirement) else Requirement(dist)
    for entry in sys.path:
        working_set.add_entry(entry)
    found = working_set.find(requirement)
    if found is None:
        raise DistributionNotFound(requirement, None)
    return found


def load_entry_point(dist, group, name):
    return get_distribution(dist).load_entry_point(group, name)


def get_entry_map(dist, group=None):
    return get_distribution(dist).get_entry_map(group)


def get_entry_info(dist, group, name):
    return get_distribution(dist).get_entry_info(group, name)


def normalize_path(filename):
    return os.path.normcase(os.path.realpath(os.path.normpath(filename)))


def _resource(package, name):
    if isinstance(package, Requirement):
        return os.path.join(get_distribution(package).location, name)
    __import__(package)
    return os.path.join(os.path.dirname(sys.modules[package].__file__), name)


def resource_filename(package_or_requirement, resource_name):
    return _resource(package_or_requirement, resource_name)


def resource_exists(package_or_requirement, resource_name):
    return os.path.exists(_resource(package_or_requirement, resource_name))


def resource_isdir(package_or_requirement, resource_name):
    return os.path.isdir(_resource(package_or_requirement, resource_name))


def resource_listdir(package_or_requirement, resource_name):
    return os.listdir(_resource(package_or_requirement, resource_name))


def resource_stream(package_or_requirement, resource_name):
    return open(_resource(package_or_requirement, resource_name), "rb")


def resource_string(package_or_requirement, resource_name):
    with resource_stream(package_or_requirement, resource_name) as stream:
        return stream.read()
