"""The arguments that libcloud's drivers accept, and their values from the strings of a configuration."""

import inspect
import json
import re
import sys

from _problems import Problem


def parameters(function):
    return [one.name for one in inspect.signature(function).parameters.values()
            if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
            and one.name not in ("self", "cls")]


def constructor(kind):
    """The names that the constructor accepts, including those that it passes on."""
    known = []
    # The class may create an object of another class, for a version of the API.
    others = [one for one in vars(sys.modules[kind.__module__]).values()
              if inspect.isclass(one) and issubclass(one, kind) and one is not kind]
    for base in [*kind.__mro__, *others]:
        for name in ("__init__", "__new__"):
            method = vars(base).get(name)
            if method is None or base is object:
                continue
            method = getattr(method, "__func__", method)
            # Some drivers read arguments that they do not declare.
            found = re.findall(r"""kwargs\.(?:get|pop)\(\s*['"](\w+)""", inspect.getsource(method))
            known.extend(one for one in parameters(method) + found if one not in known)
        if not others and "__init__" in vars(base) and not _takes_more(base.__init__):
            break
    return known


def _takes_more(function):
    kinds = [one.kind for one in inspect.signature(function).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


def read_value(text):
    """The JSON value: `true`, a whole number, a list, ...; anything else stays a string."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) else value


def check(options, known, what):
    for name in options:
        if name not in known:
            raise Problem("argument", "%s has no argument '%s'; it has %s."
                          % (what, name, ", ".join(sorted(known))))
