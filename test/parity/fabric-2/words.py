"""How Invoke parses generated words for a task: `words.py theirs|ours SEED COUNT` prints JSON lines.

Both sides make the same tasks and command lines from the seed.
"""

import json
import os
import random
import sys

SIDE, SEED, COUNT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

if SIDE == "ours":
    python = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/bridge/python")
    sys.path[:0] = [os.path.join(python, "facades/fabric"), os.path.join(python, "core")]
    import _hostout

    _hostout.__path__.append(os.path.join(python, "facades/fabric/_hostout"))

from invoke import task  # noqa: E402

NAMES = ["name", "number", "n", "dry_run", "_quiet", "force", "files", "host", "log_level"]
DEFAULTS = [None, None, "'text'", "3", "1.5", "True", "False", "None", "[]"]
# A word without a dash never names a flag.
PLAIN = ["x", "7", "1.25", "", "a=b", "two words", "no"]


def make_task(rng):
    """The source of a function, and the keywords of its `@task`."""
    names = rng.sample(NAMES, rng.randint(0, 4))
    defaults = {name: rng.choice(DEFAULTS) for name in names}
    names.sort(key=lambda name: defaults[name] is not None)
    star = rng.randint(0, len(names)) if names and rng.random() < 0.25 else None
    parameters = ["c"]
    for index, name in enumerate(names):
        if index == star:
            parameters.append("*")
        parameters.append(name if defaults[name] is None else "%s=%s" % (name, defaults[name]))
    keywords = {}
    untyped = [name for name in names if defaults[name] in (None, "None")]
    if untyped and rng.random() < 0.3:
        keywords["iterable"] = [untyped.pop()]
    plain = [name for name in names if defaults[name] in (None, "None", "'text'", "False")
             and name not in keywords.get("iterable", ())]
    if plain and rng.random() < 0.4:
        keywords["optional"] = [rng.choice(plain)]
    counted = [name for name in names if defaults[name] == "3" and rng.random() < 0.5]
    if counted:
        keywords["incrementable"] = counted
    if names and rng.random() < 0.2:
        bare = [name for name in names if defaults[name] in (None, "None")]
        keywords["positional"] = rng.sample(bare, rng.randint(0, len(bare)))
    if rng.random() < 0.1:
        keywords["auto_shortflags"] = False
    return "def made(%s): pass" % ", ".join(parameters), names, keywords


def make_words(rng, names):
    words = []
    for _ in range(rng.randint(0, 5)):
        name = rng.choice(names or NAMES).strip("_").replace("_", "-")
        long = "--" + name if len(name) > 1 else "-" + name
        value = rng.choice(PLAIN)
        words += rng.choice([
            [value], [value], [long], [long, value], ["%s=%s" % (long, value)], ["--no-" + name],
            ["-" + name[0]], ["-%s%s" % (name[0], value)], ["-%s=%s" % (name[0], value)],
            ["-" + name[:2]], ["--dry-rn"], ["--hots=" + value], [long, "--" + name], ["-z"],
        ])
    return words


def theirs(made, words):
    from invoke.parser import Parser, ParserContext

    context = ParserContext(name="made", args=made.get_arguments())
    parsed = Parser(contexts=[context]).parse_argv(["made"] + words)
    return parsed[-1].as_kwargs


def ours(made, words):
    from invoke.parsing import arguments

    # In Invoke, a parameter with a default is only set by its flag.
    made.has_implicit_positional = False
    by_place, named = arguments(made, words)
    assert not by_place
    given = {each.name: each.default for each in made.parameters()}
    return dict(given, **named)


def main():
    rng = random.Random(SEED)
    for _ in range(COUNT):
        source, names, keywords = make_task(rng)
        words = make_words(rng, names)
        line = {"source": source, "keywords": keywords, "words": words}
        found = {}
        exec(source, found)
        try:
            made = task(**keywords)(found["made"])
            line["value"] = repr(sorted((theirs if SIDE == "theirs" else ours)(made, words).items()))
        except Exception as problem:
            line["error"] = "%s: %s" % (type(problem).__name__, problem)
        print(json.dumps(line))


main()
