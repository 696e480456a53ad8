"""The parameters of Fabric and Invoke, and how our functions treat them.

    keywords.py theirs MODULE...     prints the original's: {module: {function: [parameter, ...]}}
    keywords.py ours < VERDICTS      prints what contradicts the verdicts, one per line

Verdicts are {module: {function: WORDS}}; a module or WORDS may also be "absent" if it cannot be imported, or
"refused" if every call is an error. The words:
`name`: honored; `~name`: ignored, since nothing depends on it; `!name=VALUE`: refused with that value;
`**name`: accepts any keyword; `!**name`: refuses unknown ones.
"""

import ast
import importlib
import inspect
import json
import os
import sys
import textwrap

MARKS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def parameters(function):
    return [MARKS.get(each.kind, "") + each.name for each in inspect.signature(function).parameters.values()]


def functions(module):
    """Public functions, and methods of public classes: name -> parameters after `self`."""
    for name, value in sorted(vars(module).items()):
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if not inspect.isclass(value):
            if callable(value):
                yield name, parameters(value)
            continue
        for method, found in sorted(vars(value).items()):
            is_static = isinstance(found, staticmethod)
            found = getattr(found, "__func__", found)
            if inspect.isfunction(found) and (not method.startswith("_") or method in ("__init__", "__call__")):
                yield "%s.%s" % (name, method), parameters(found)[0 if is_static else 1:]


def theirs(modules):
    found = {name: dict(functions(importlib.import_module(name))) for name in modules}
    if "paramiko.sftp_client" in found:
        found["paramiko.sftp_client"] = {name: words for name, words in found["paramiko.sftp_client"].items()
                                         if name.startswith("SFTPClient.") and name != "SFTPClient.__init__"}
    print(json.dumps(found))


# Where the name we use belongs to Fabric 1.
ELSEWHERE = {"fabric.tasks.Task": "fabric.modern_tasks.Task", "paramiko.sftp_client": "fabric.sftp_client"}


class Ours(object):
    """One of our functions or methods."""

    def __init__(self, module, name):
        self.name = name
        owner = importlib.import_module(module)
        words = name.split(".")
        if len(words) == 1 and inspect.isclass(getattr(owner, name)):
            words.append("__init__")
            self.name += ".__init__"
        for each in words[:-1]:
            owner = getattr(owner, each)
        self.owner = owner if inspect.isclass(owner) else None
        self.is_static = isinstance(self._defined(words[-1]), staticmethod)
        self.function = getattr(owner, words[-1])
        self.parameters = self._parameters()
        if self.owner and not self.is_static and not inspect.ismethod(self.function):
            self.parameters = self.parameters[1:]
        self.takes_any = any(each.kind is each.VAR_KEYWORD for each in self.parameters)

    def _parameters(self):
        try:
            return list(inspect.signature(self.function).parameters.values())
        except ValueError:
            # A method of dict, written in C.
            return [inspect.Parameter(each, inspect.Parameter.VAR_POSITIONAL) for each in ("self", "args")]

    def _defined(self, name):
        classes = self.owner.__mro__ if self.owner else []
        return next((vars(each)[name] for each in classes if name in vars(each)), None)

    def call(self, **keywords):
        """Calls it with a command, None for the other required parameters, and these keywords."""
        for each in self.parameters:
            if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD:
                keywords.setdefault(each.name, "true" if each.name == "command" else None)
        if self.name.endswith(".__init__"):
            return self.owner(**keywords)
        if self.owner is None or inspect.ismethod(self.function) or self.is_static:
            return self.function(**keywords)
        return self.function(instance(self.owner), **keywords)

    def unread(self):
        """Parameters that the body does not use; empty if the body is only an error or a docstring."""
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(self.function)))).body[0].body
        except (OSError, TypeError):
            return set()
        if all(isinstance(each, (ast.Raise, ast.Expr)) and not isinstance(getattr(each, "value", None), ast.Call)
               for each in body):
            return set()
        read = {each.id for line in body for each in ast.walk(line) if isinstance(each, ast.Name)}
        return {each.name for each in self.parameters} - read


def instance(owner):
    from fabric import Config, Connection, SerialGroup

    if issubclass(owner, Connection):
        return Connection("nowhere", config=Config(lazy=True))
    if issubclass(owner, SerialGroup.__mro__[1]):
        return SerialGroup("nowhere", config=Config(lazy=True))
    if owner.__name__ == "Context":
        return owner(Config(lazy=True))
    if owner.__name__ in ("Runner", "Local", "Remote"):
        return owner(Connection("nowhere", config=Config(lazy=True)))
    return owner.__new__(owner)


def refusal(function, keyword, **keywords):
    """What is wrong with the error of a call; None if it names the keyword and what to do."""
    try:
        function.call(**keywords)
    except Exception as problem:
        told = str(problem)
        if not isinstance(problem, (TypeError, NotImplementedError)):
            return "%s: %s" % (type(problem).__name__, told)
        return None if keyword in told else "the error is: " + told
    return "no error"


def judge(module, name, words):
    """Yields what contradicts the verdict."""
    try:
        found = Ours(module, name)
    except (AttributeError, ImportError):
        if words != "absent":
            yield "does not exist"
        return
    if words in ("absent", "refused"):
        problem = refusal(found, "") if words == "refused" else "is there"
        if problem:
            yield problem
        return
    by_name = {MARKS.get(each.kind, "") + each.name: each for each in found.parameters}
    unread = found.unread()
    for word in words.split():
        bare = word.lstrip("~!*").split("=")[0]
        if word.startswith("!**"):
            problem = found.takes_any and refusal(found, "no_such_keyword", no_such_keyword=1)
        elif word.startswith("!"):
            value = ast.literal_eval(word.partition("=")[2])
            problem = refusal(found, bare, **{bare: value})
        elif word.startswith("*"):
            takes = found.takes_any if word.startswith("**") else found.parameters
            problem = not takes and "takes no such words"
        elif bare not in by_name:
            problem = not found.takes_any and "has no such parameter"
        else:
            problem = (bare in unread) != word.startswith("~") and \
                ("is not read" if bare in unread else "is read after all")
        if problem:
            yield "%s: %s" % (word, problem)


def imported(module):
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def ours(verdicts):
    python = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/bridge/python")
    sys.path[:0] = [os.path.join(python, each) for each in ("facades/fabric", "core")]
    sys.path.append(os.path.join(python, "facades/paramiko"))
    import _hostout

    _hostout.__path__.append(os.path.join(python, "facades/fabric/_hostout"))
    problems = []
    for module, functions in verdicts.items():
        if functions == "absent":
            problems += ["%s is there" % module] if imported(module) else []
            continue
        for name, words in functions.items():
            owner, _, method = (module + "." + name).rpartition(".")
            place = ELSEWHERE.get(owner, ELSEWHERE.get(module, module))
            if owner in ELSEWHERE:
                place, _, owner = place.rpartition(".")
                name = owner + "." + method
            problems += ["%s.%s %s" % (module, name, each) for each in judge(place, name, words)]
    print("\n".join(problems))


if sys.argv[1] == "theirs":
    theirs(sys.argv[2:])
else:
    ours(json.load(sys.stdin))
