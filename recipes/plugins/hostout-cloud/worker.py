"""What hostout.cloud asks of libcloud. Each handler returns {"value"} or {"problem", "message"}."""

import functools
import inspect
import json
import re
import socket
import sys
import time

from _hostout import channel, search_path

# Between two tries of what the provider has no time for, seconds.
PAUSES = (1, 2, 4, 8, 16)

# Words by which providers say what is wrong, whatever the class of the exception.
WORDS = (
    ("throttled", r"RequestLimitExceeded|Throttling|Rate limit|Too Many Requests"
                  r"|ServiceUnavailable|Service Unavailable"),
    ("quota", r"InstanceLimitExceeded|VcpuLimitExceeded|InsufficientInstanceCapacity"
              r"|[Qq]uota|limit exceeded"),
    ("image", r"InvalidAMIID|Image not found|[Cc]an not find requested image"),
    ("login", r"AuthFailure|InvalidClientTokenId|SignatureDoesNotMatch|Unauthorized"),
)


class Problem(Exception):
    """What a person can mend."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class State:
    """The driver, and what it has listed: other calls take objects."""

    driver = None
    sizes = {}
    images = {}
    nodes = {}


def _message(error):
    text = str(getattr(error, "value", None) or error)
    code = re.search(r"<Code>(.*?)</Code>", text)
    words = re.search(r"<Message>(.*?)</Message>", text, re.S)
    if code and words:
        text = "%s: %s" % (code.group(1), words.group(1).strip())
    return " ".join(text.split())[:500] or type(error).__name__


def _kind(error, message):
    if isinstance(error, Problem):
        return error.kind
    status = getattr(error, "code", None) or getattr(error, "http_code", None)
    if status in (429, 503):
        return "throttled"
    for kind, words in WORDS:
        if re.search(words, message):
            return kind
    names = [base.__name__ for base in type(error).__mro__]
    if "InvalidCredsError" in names or status in (401, 403):
        return "login"
    if isinstance(error, (OSError, socket.error)) or "RequestException" in names:
        return "unreachable"
    return "refused"


def _again(action, *args, **options):
    """Calls the provider, again after a pause where it has no time."""
    for pause in PAUSES + (None,):
        try:
            return action(*args, **options)
        except Exception as error:
            if pause is None or _kind(error, _message(error)) != "throttled":
                raise
            channel.request("note", "The provider is busy; the next try is in %d s" % pause)
            time.sleep(pause)


def handler(function):
    @functools.wraps(function)
    def guarded(*args):
        try:
            return {"value": function(*args)}
        except Exception as error:
            message = _message(error)
            return {"problem": _kind(error, message), "message": message}
    return guarded


@handler
def begin(locations):
    """Finds libcloud; returns its version."""
    search_path.extend(locations)
    try:
        import libcloud
    except ImportError as error:
        raise Problem("libcloud", str(error))
    return libcloud.__version__


def _drivers():
    """Name -> where the driver is. The names are members of an enumeration, with hashes of their own."""
    from libcloud.compute.providers import DRIVERS
    return {getattr(name, "value", name): place for name, place in DRIVERS.items()}


@handler
def providers():
    return [{"name": name, "driver": place[1]} for name, place in sorted(_drivers().items())]


def _parameters(function):
    return [one.name for one in inspect.signature(function).parameters.values()
            if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
            and one.name not in ("self", "cls")]


def _constructor(kind):
    """The names that the constructor takes, and those that it hands on to take."""
    known = []
    # The class may make an object of another one, for a version of the API.
    others = [one for one in vars(sys.modules[kind.__module__]).values()
              if inspect.isclass(one) and issubclass(one, kind) and one is not kind]
    for base in [*kind.__mro__, *others]:
        for name in ("__init__", "__new__"):
            method = vars(base).get(name)
            if method is None or base is object:
                continue
            method = getattr(method, "__func__", method)
            # Some drivers look for arguments that they do not declare.
            found = re.findall(r"""kwargs\.(?:get|pop)\(\s*['"](\w+)""", inspect.getsource(method))
            known.extend(one for one in _parameters(method) + found if one not in known)
        if not others and "__init__" in vars(base) and not _takes_more(base.__init__):
            break
    return known


def _takes_more(function):
    kinds = [one.kind for one in inspect.signature(function).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


def _value(text):
    """`true`, a number, a list ... as JSON has them; anything else is a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) else value


def _checked(options, known, what):
    for name in options:
        if name not in known:
            raise Problem("argument", "%s has no argument '%s'; it has %s."
                          % (what, name, ", ".join(sorted(known))))


@handler
def connect(provider, account, options):
    """Makes the driver. `account` has key and secret, as they are; `options` are further arguments."""
    from libcloud.compute.providers import get_driver
    if provider not in _drivers():
        raise Problem("provider", "libcloud knows no provider '%s'." % provider)
    kind = get_driver(provider)
    known = _constructor(kind)
    if "key" in account and "key" not in known:
        # Some drivers call the first thing that they take something else.
        account[known[0]] = account.pop("key")
    arguments = dict(account)
    arguments.update((name, _value(text)) for name, text in options.items())
    _checked(arguments, known, kind.name)
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
    return [_size(size) for size in _again(State.driver.list_sizes)]


@handler
def images(pattern):
    """Images whose id or name has `pattern` in it, in any case."""
    options = {}
    if _is_ec2():
        # Anybody may publish images there: of tens of thousands, only those that are asked for.
        options = {"ex_filters": {"name": "*%s*" % pattern}} if pattern else {"ex_owner": "self"}
    found = [_image(image) for image in _again(State.driver.list_images, **options)]
    wanted = pattern.lower()
    return [one for one in found if wanted in one["id"].lower() or wanted in one["name"].lower()]


def _is_ec2():
    from libcloud.compute.drivers.ec2 import BaseEC2NodeDriver
    return isinstance(State.driver, BaseEC2NodeDriver)


@handler
def nodes():
    return [_node(node) for node in _again(State.driver.list_nodes)]


def _find_image(number):
    if number in State.images:
        return State.images[number]
    from libcloud.compute.base import NodeDriver
    driver = State.driver
    if type(driver).get_image is not NodeDriver.get_image and not _is_ec2():
        try:
            return _again(driver.get_image, number)
        except Exception as error:
            if not re.search(r"\b404\b|[Nn]ot ?[Ff]ound", _message(error)):
                raise
            raise Problem("image", "There is no image '%s'." % number)
    options = {"ex_image_ids": [number]} if _is_ec2() else {}
    for image in _again(driver.list_images, **options):
        _image(image)
    if number in State.images:
        return State.images[number]
    raise Problem("image", "There is no image '%s'." % number)


def _find_location(wanted):
    locations = _again(State.driver.list_locations)
    for location in locations:
        if wanted in (str(location.id), location.name):
            return location
    raise Problem("argument", "There is no location '%s'; there are %s."
                  % (wanted, ", ".join(str(one.id) for one in locations)))


@handler
def order(machine):
    """Orders a machine. Its `key` is "user-data", "key" or "none": how the public key gets there."""
    driver = State.driver
    known = _parameters(driver.create_node)
    arguments = {name: _value(text) for name, text in machine["options"].items()}
    _checked(arguments, known, driver.name)
    arguments.update(name=machine["name"], size=State.sizes[machine["size"]],
                     image=_find_image(machine["image"]))
    if machine["location"]:
        arguments["location"] = _find_location(machine["location"])
    if "ex_clienttoken" in known:
        arguments.setdefault("ex_clienttoken", machine["token"])
    given = _give_key(driver, known, arguments, machine)
    has_group = False
    if _is_ec2() and not {"ex_security_groups", "ex_security_group_ids"} & set(arguments):
        has_group = _open_group(machine["name"])
        arguments["ex_security_groups"] = [machine["name"]]
    try:
        made = _node(_again(driver.create_node, **arguments))
    except Exception as error:
        # Nothing was made that could use it.
        if has_group and _kind(error, _message(error)) != "unreachable":
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
    """Lets SSH in by a security group of the machine's name; returns whether that is new."""
    driver = State.driver
    is_new = name not in _again(driver.ex_list_security_groups)
    if is_new:
        _again(driver.ex_create_security_group, name, GROUP)
        channel.request("note", "Made the security group %s: port 22 is open to everybody" % name)
    try:
        _again(driver.ex_authorize_security_group, name, 22, 22, "0.0.0.0/0")
    except Exception as error:
        if "Duplicate" not in _message(error):
            raise
    return is_new


def _remove_group(name):
    """False where something still uses it."""
    try:
        return bool(_again(State.driver.ex_delete_security_group, name))
    except Exception:
        return False


def _known(number):
    if number not in State.nodes:
        for node in _again(State.driver.list_nodes):
            _node(node)
    if number not in State.nodes:
        raise Problem("gone", "There is no machine %s any more." % number)
    return State.nodes[number]


@handler
def reboot(number):
    return bool(_again(State.driver.reboot_node, _known(number)))


@handler
def destroy(number):
    return bool(_again(State.driver.destroy_node, _known(number)))


@handler
def close_group(name):
    """Removes the security group that `order` has made; False where others still use it."""
    if not _is_ec2():
        return True
    driver = State.driver
    try:
        groups = _again(driver.ex_get_security_groups, group_names=[name])
    except Exception as error:
        if "NotFound" in _message(error):
            return True
        raise
    for group in groups:
        # Some other may have the name by chance.
        if (group.extra or {}).get("description") != GROUP:
            return True
        return _remove_group(name)
    return True


@handler
def console(number):
    """What the machine has written on its console; None where the provider does not show that."""
    read = getattr(State.driver, "ex_get_console_output", None)
    if read is None:
        return None
    return _again(read, _known(number)).get("output") or ""


HANDLERS = {one.__name__: one for one in (
    begin, providers, connect, sizes, images, nodes, order, reboot, destroy, close_group, console)}
