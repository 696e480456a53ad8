"""Words of the command line as arguments of a task."""

from invoke.exceptions import ParseError


class _Flag(object):
    """A parameter, and how it is given."""

    def __init__(self, task, parameter):
        self.name = parameter.name
        self.default = None if parameter.default is parameter.empty else parameter.default
        self.optional = self.name in task.optional
        self.iterable = self.name in task.iterable or isinstance(self.default, list)
        self.counts = self.name in task.incrementable
        self.switch = isinstance(self.default, bool) and not self.optional and not self.counts
        self.long = ("--" if len(self.name) > 1 else "-") + dashed(self.name)

    def value(self, text):
        """A word as what the default is."""
        if isinstance(self.default, (int, float)) and not isinstance(self.default, bool):
            try:
                return type(self.default)(text)
            except ValueError:
                raise ParseError("%s needs %s, not %r" % (self.long, type(self.default).__name__, text)) from None
        return text


def dashed(name):
    """`_a_b_` as `a-b`: underscores inside are dashes, those around are nothing."""
    return name.strip("_").replace("_", "-")


def flags(task):
    """Flag -> parameter, in the order of the parameters."""
    found = {}
    all_flags = [_Flag(task, each) for each in task.parameters() if each.kind is each.POSITIONAL_OR_KEYWORD
                 or each.kind is each.KEYWORD_ONLY]
    taken = {each.name for each in all_flags}
    for each in all_flags:
        found[each.long] = each
        short = [char for char in dashed(each.name) if char != "-" and char not in taken] \
            if task.auto_shortflags and len(each.name) > 1 else []
        if short:
            taken.add(short[0])
            found["-" + short[0]] = each
        if each.switch and each.default is True:
            found["--no-" + dashed(each.name)] = each
    return found


def _split(words):
    """`--name=value` and `-abc` as words of their own."""
    for word in words:
        if isinstance(word, str) and word.startswith("--") and "=" in word:
            yield from word.split("=", 1)
        else:
            yield word


def arguments(task, words):
    """Positional values, then keywords. Raises ParseError."""
    known = flags(task)
    places, values = [], {}
    words = list(_split(words))
    while words:
        word = words.pop(0)
        text = word if isinstance(word, str) else ""
        if text.startswith("-") and len(text) > 1 and not text.startswith("--") and text not in known \
                and text[:2] in known:
            flag = known[text[:2]]
            simple = flag.switch or flag.counts
            rest = "-" + text[2:] if simple else text[3:] if text[2] == "=" else text[2:]
            words[:0] = [text[:2], rest]
            continue
        flag = known.get(text)
        if flag is None:
            if text.startswith("--") or text.startswith("-") and len(text) > 1 and not text[1].isdigit():
                raise ParseError("No idea what %r is!" % text)
            places.append(word)
        elif flag.switch:
            values[flag.name] = not text.startswith("--no-") or flag.default is not True
        elif flag.counts:
            values[flag.name] = values.get(flag.name, flag.default or 0) + 1
        else:
            _take(flag, text, words, known, values)
    return _placed(task, places, values, {each.name: each for each in known.values()})


def _take(flag, text, words, known, values):
    missing = not words or isinstance(words[0], str) and words[0] in known
    if missing and flag.optional:
        values[flag.name] = True
        return
    if missing:
        raise ParseError("Flag %r needed value and was not given one!" % text)
    value = flag.value(words.pop(0))
    if flag.iterable:
        values.setdefault(flag.name, []).append(value)
    else:
        values[flag.name] = value


def _placed(task, places, values, known):
    """Words without a flag go to the positional parameters, then to the others in their order."""
    parameters = [each.name for each in task.parameters() if each.kind is each.POSITIONAL_OR_KEYWORD]
    order = list(task.positional) + [each for each in parameters if each not in task.positional]
    free = [name for name in order if name in known and name not in values]
    takes_more = any(each.kind is each.VAR_POSITIONAL for each in task.parameters())
    if takes_more and not values:
        return places, {}
    for name in free:
        if places:
            values[name] = known[name].value(places.pop(0)) if not known[name].switch else _truth(places.pop(0))
    if places:
        raise ParseError("No idea what %r is!" % places[0])
    missing = [name for name in task.positional if name not in values and known[name].default is None]
    if missing:
        raise ParseError("did not receive required positional arguments: %s"
                         % ", ".join(repr(each) for each in missing))
    for flag in known.values():
        if flag.iterable and flag.name not in values:
            values[flag.name] = list(flag.default or [])
    return [], values


def _truth(word):
    return word.lower() not in ("", "0", "false", "no", "off") if isinstance(word, str) else bool(word)
