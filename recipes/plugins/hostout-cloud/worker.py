"""The calls from hostout.cloud to libcloud. Each handler returns {"value"} or {"problem", "message"}."""

import re

from _driver_arguments import check, constructor, parameters, read_value
from _hostout import channel, search_path
from _problems import Problem, again, handler, kind_of, repeat, words_of

class State:
    """The driver, and the objects that it has listed: other calls need these."""

    driver = None
    sizes = {}
    images = {}
    nodes = {}


@handler
def begin(locations):
    """Imports libcloud; returns its version."""
    search_path.extend(locations)
    try:
        import libcloud
    except ImportError as error:
        raise Problem("libcloud", str(error))
    return libcloud.__version__


def _drivers():
    """Name -> location of the driver. The names are members of an enumeration, with hashes of their own."""
    from libcloud.compute.providers import DRIVERS
    return {getattr(name, "value", name): place for name, place in DRIVERS.items()}


@handler
def providers():
    return [{"name": name, "driver": place[1]} for name, place in sorted(_drivers().items())]


def _libvirt():
    try:
        import pycdlib  # noqa: F401
        from _libvirt_machines import LibvirtDriver
        return LibvirtDriver
    except ImportError as error:
        raise Problem("libcloud", str(error))


@handler
def connect(provider, account, options):
    """Creates the driver. `account` has key and secret as strings; `options` are other arguments."""
    from libcloud.compute.providers import get_driver
    if provider not in _drivers():
        raise Problem("provider", "libcloud knows no provider '%s'." % provider)
    kind = _libvirt() if provider == "libvirt" else get_driver(provider)
    known = constructor(kind)
    if "key" in account and "key" not in known:
        # Some drivers have another name for their first argument.
        account[known[0]] = account.pop("key")
    arguments = dict(account)
    arguments.update((name, read_value(text)) for name, text in options.items())
    check(arguments, known, kind.name)
    try:
        State.driver = kind(**arguments)
    except (TypeError, ValueError) as error:
        raise Problem("argument", "%s: %s" % (kind.name, error))
    return {"title": kind.name}


def _size(size):
    State.sizes[str(size.id)] = size
    return {"id": str(size.id), "name": size.name, "ram": size.ram, "disk": size.disk,
            "price": size.price}


def _image(image):
    State.images[str(image.id)] = image
    return {"id": str(image.id), "name": image.name or ""}


def _node(node):
    State.nodes[str(node.id)] = node
    status = str((node.extra or {}).get("status", ""))
    state = str(node.state)
    return {
        "id": str(node.id), "name": node.name, "state": state,
        "isGone": state == "terminated" or status in ("shutting-down", "terminated"),
        "public": list(node.public_ips or []), "private": list(node.private_ips or []),
    }


@handler
def sizes():
    return [_size(size) for size in again(State.driver.list_sizes)]


@handler
def images(pattern):
    """Images whose id or name contains `pattern`, ignoring case."""
    options = {}
    if _is_ec2():
        # Anyone may publish images there, so there are tens of thousands: lists only the requested ones.
        options = {"ex_filters": {"name": "*%s*" % pattern}} if pattern else {"ex_owner": "self"}
    found = [_image(image) for image in again(State.driver.list_images, **options)]
    wanted = pattern.lower()
    return [one for one in found if wanted in one["id"].lower() or wanted in one["name"].lower()]


def _is_ec2():
    from libcloud.compute.drivers.ec2 import BaseEC2NodeDriver
    return isinstance(State.driver, BaseEC2NodeDriver)


@handler
def nodes():
    return [_node(node) for node in again(State.driver.list_nodes)]


def _find_image(number):
    if number in State.images:
        return State.images[number]
    from libcloud.compute.base import NodeDriver
    driver = State.driver
    if type(driver).get_image is not NodeDriver.get_image and not _is_ec2():
        try:
            return again(driver.get_image, number)
        except Exception as error:
            if not re.search(r"\b404\b|[Nn]ot ?[Ff]ound", words_of(error)):
                raise
            raise Problem("image", "There is no image '%s'." % number)
    options = {"ex_image_ids": [number]} if _is_ec2() else {}
    for image in again(driver.list_images, **options):
        _image(image)
    if number in State.images:
        return State.images[number]
    raise Problem("image", "There is no image '%s'." % number)


def _find_location(wanted):
    locations = again(State.driver.list_locations)
    for location in locations:
        if wanted in (str(location.id), location.name):
            return location
    raise Problem("argument", "There is no location '%s'; there are %s."
                  % (wanted, ", ".join(str(one.id) for one in locations)))


@handler
def order(machine):
    """Orders a machine. Its `key` says how it gets the public key: "user-data", "key" or "none"."""
    driver = State.driver
    known = parameters(driver.create_node)
    arguments = {name: read_value(text) for name, text in machine["options"].items()}
    check(arguments, known, driver.name)
    arguments.update(name=machine["name"], size=State.sizes[machine["size"]],
                     image=_find_image(machine["image"]))
    if machine["location"]:
        check(["location"], known, driver.name)
        arguments["location"] = _find_location(machine["location"])
    if "ex_clienttoken" in known:
        arguments.setdefault("ex_clienttoken", machine["token"])
    given = _give_key(driver, known, arguments, machine)
    has_group = False
    if _is_ec2() and not {"ex_security_groups", "ex_security_group_ids"} & set(arguments):
        has_group = _open_group(machine["name"])
        arguments["ex_security_groups"] = [machine["name"]]
    # A provider that responds "busy" may have accepted the order: only a token makes it safe to repeat.
    kinds = ("throttled", "busy") if "ex_clienttoken" in known else ("throttled",)
    try:
        made = _node(repeat(kinds, driver.create_node, **arguments))
    except Exception as error:
        # No machine was created that could use it.
        if has_group and kind_of(error) not in ("unreachable", "busy"):
            _remove_group(machine["name"])
        raise
    made["key"] = given
    return made


def _give_key(driver, known, arguments, machine):
    for name in ("ex_userdata", "ex_user_data"):
        if name in known:
            arguments.setdefault(name, machine["userData"])
            return "user-data"
    if "ex_authorized_keys" in known:
        arguments.setdefault("ex_authorized_keys", [machine["publicKey"]])
        return "key"
    if "ssh_key" in (driver.features or {}).get("create_node", []) and machine["publicKey"]:
        from libcloud.compute.base import NodeAuthSSHKey
        arguments.setdefault("auth", NodeAuthSSHKey(machine["publicKey"]))
        return "key"
    return "none"


GROUP = "SSH for a machine of hostout.cloud"


def _open_group(name):
    """Allows SSH in a security group with the machine's name; returns whether the group is new."""
    driver = State.driver
    is_new = name not in again(driver.ex_list_security_groups)
    if is_new:
        again(driver.ex_create_security_group, name, GROUP)
        channel.request("note", "Made the security group %s: port 22 is open to everybody" % name)
    try:
        again(driver.ex_authorize_security_group, name, 22, 22, "0.0.0.0/0")
    except Exception as error:
        if "Duplicate" not in words_of(error):
            raise
    return is_new


def _remove_group(name):
    """False if something still uses it."""
    try:
        return bool(again(State.driver.ex_delete_security_group, name))
    except Exception:
        return False


def _known(number):
    if number not in State.nodes:
        for node in again(State.driver.list_nodes):
            _node(node)
    if number not in State.nodes:
        raise Problem("gone", "There is no machine %s any more." % number)
    return State.nodes[number]


@handler
def reboot(number):
    return bool(again(State.driver.reboot_node, _known(number)))


@handler
def destroy(number):
    return bool(again(State.driver.destroy_node, _known(number)))


@handler
def close_group(name):
    """Removes the security group created by `order`; False if other machines still use it."""
    if not _is_ec2():
        return True
    driver = State.driver
    try:
        groups = again(driver.ex_get_security_groups, group_names=[name])
    except Exception as error:
        if "NotFound" in words_of(error):
            return True
        raise
    for group in groups:
        # An unrelated group may have the same name.
        if (group.extra or {}).get("description") != GROUP:
            return True
        return _remove_group(name)
    return True


@handler
def console(number):
    """The console output of the machine; None if the provider does not show it."""
    read = getattr(State.driver, "ex_get_console_output", None)
    if read is None:
        return None
    try:
        return again(read, _known(number)).get("output") or ""
    except Exception as error:
        # The account may lack permission, and a machine that is starting may have no console yet.
        problem = kind_of(error)
        if problem not in ("login", "refused"):
            raise
        return None if problem == "login" else ""


HANDLERS = {one.__name__: one for one in (
    begin, providers, connect, sizes, images, nodes, order, reboot, destroy, close_group, console)}
