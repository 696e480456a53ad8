"""Converts command-line arguments to arguments of a task."""

import re

from invoke.exceptions import ParseError

_NO_FLAG = re.compile(r"-$|-\d+(\.\d*)?$")


class _Flag(object):
    """A parameter, and how to pass it."""

    def __init__(self, task, parameter):
        self.name = parameter.name
        self.by_place = parameter.kind is parameter.POSITIONAL_ONLY
        self.is_keyword_only = parameter.kind is parameter.KEYWORD_ONLY
        self.has_default = parameter.default is not parameter.empty
        self.default = parameter.default if self.has_default else None
        self.optional = self.name in task.optional
        self.counts = self.name in task.incrementable
        kind = list if self.name in task.iterable else str
        if self.default is not None and not (self.optional and isinstance(self.default, bool)):
            kind = type(self.default)
        self.kind = kind
        self.iterable = kind is list
        self.switch = kind is bool and not self.counts
        self.takes_value = not self.switch and not self.counts
        self.long = ("--" if len(dashed(self.name)) > 1 else "-") + dashed(self.name)
        self.short = None

    @property
    def is_word(self):
        """Whether an argument without a flag can be its value."""
        return self.takes_value and not self.iterable

    @property
    def forms(self):
        """The forms in help: `-n`, `--name=NAME`."""
        value = self.name.strip("_").upper() or self.name
        value = "[=%s]" % value if self.optional else "=%s" % value
        long = self.long + (value if self.takes_value else "")
        if self.switch and self.default is True:
            long = "--[no-]" + dashed(self.name)
        return ([self.short] if self.short else []) + [long]

    def value(self, text):
        """An argument converted to the type of the default."""
        if self.iterable or not isinstance(text, str):
            return text
        try:
            return self.kind(text)
        except (TypeError, ValueError):
            kind = {"int": "a whole number", "float": "a number"}.get(self.kind.__name__, self.kind.__name__)
            raise ParseError("%%s needs %s for %s, not '%s'" % (kind, self.long, text)) from None


def dashed(name):
    """`a-b` for `_a_b_`: underscores inside become dashes, those at the ends are dropped."""
    return name.strip("_").replace("_", "-")


def parameters(task):
    """A flag for each parameter, in the same order, with their short forms."""
    found = [_Flag(task, each) for each in task.parameters()
             if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    taken = {each.name for each in found}
    for each in found:
        name = dashed(each.name)
        free = [char for char in name if char not in taken and char not in ("-", name)]
        if task.auto_shortflags and free:
            taken.add(free[0])
            each.short = "-" + free[0]
    return found


def flags(task):
    """Argument -> the parameter that it sets."""
    found = {}
    for each in parameters(task):
        found[each.long] = each
        if each.short:
            found[each.short] = each
        if each.switch and each.default is True:
            found.setdefault("--no-" + dashed(each.name), each)
    return found


def arguments(task, words):
    """Positional values, then keywords. Raises ParseError; its message contains `%s` for the task's name."""
    return _Reader(task).read(words)


class _Reader(object):

    def __init__(self, task):
        self.flags = flags(task)
        self.parameters = list(dict.fromkeys(self.flags.values()))
        self.takes_more = any(each.kind is each.VAR_POSITIONAL for each in task.parameters())
        by_name = {each.name: each for each in self.parameters}
        self.positional = [by_name[name] for name in task.positional if name in by_name]
        # Parameters that can be set without a flag: required ones and those with a default.
        self.places = self.positional + [
            each for each in self.parameters
            if task.has_implicit_positional and each not in self.positional]
        self.values = {}
        self.more = []
        # The parameter whose flag was the last argument, while its value may follow.
        self.open = None
        self.is_plain = False

    def read(self, words):
        left = list(words)
        while left:
            word = left.pop(0)
            if word == "--" and not self.is_plain:
                self._close()
                self.is_plain = True
            elif isinstance(word, str) and word.startswith("-") and not _NO_FLAG.match(word):
                self._take_dashed(word, left)
            else:
                self._take_plain(word)
        self._close()
        return self._call()

    def _take_dashed(self, word, left):
        name, rest = self._split(word)
        waits = self.open is not None and not self.open.optional
        if waits and name != word or self.open is not None and name is None:
            self._take_plain(word)
            return
        self._close()
        if name is None:
            if not self.is_plain:
                raise _unknown("%%s has no option '%s'" % word, word)
            self._place(word)
            return
        flag = self.flags[name]
        if flag.takes_value:
            if flag.name in self.values and not flag.iterable:
                raise _unknown("%%s takes %s once" % flag.long, word)
            self.open = flag
            if rest is not None:
                self._take_value(rest)
        elif rest is None or self._is_cluster(word):
            self._note(flag, name)
            if rest is not None:
                left.insert(0, "-" + rest)
        elif "=" in word:
            raise _unknown("%%s takes no value for %s: '%s'" % (name, word), word)
        else:
            raise _unknown("%%s has no option '%s'" % word, word)

    def _note(self, flag, name):
        if flag.counts:
            self.values[flag.name] = self.values.get(flag.name, flag.default or 0) + 1
        else:
            self.values[flag.name] = name in (flag.long, flag.short)

    def _is_cluster(self, word):
        """Whether the second letter is a flag as well: `-qv`."""
        return "=" not in word and "-" + word[2] in self.flags

    def _split(self, word):
        """The flag in an argument, and the rest of that argument; (None, None) without a flag."""
        name, equals, value = word.partition("=")
        if name in self.flags:
            return name, value if equals else None
        if not equals and not word.startswith("--") and word[:2] in self.flags:
            return word[:2], word[2:]
        return None, None

    def _take_plain(self, word):
        if self.open is None:
            self._place(word)
        elif self.open.optional and self._missing():
            raise _unknown("%%s: '%s' may be the value of %s or '%s': write %s=%s or put it first" % (
                word, self.open.long, self._missing()[0].name, self.open.long, word), word)
        else:
            self._take_value(word)

    def _take_value(self, word):
        flag, self.open = self.open, None
        if flag.iterable:
            self.values.setdefault(flag.name, []).append(flag.value(word))
        else:
            self.values[flag.name] = flag.value(word)

    def _place(self, word):
        free = [each for each in self.places if each.is_word and each.name not in self.values]
        if free:
            self.values[free[0].name] = free[0].value(word)
        elif self.takes_more:
            self.more.append(word)
        else:
            count = len([each for each in self.places if each.is_word])
            takes = {0: "no arguments", 1: "one argument"}.get(count, "%d arguments" % count)
            raise _unknown("%%s takes %s without an option: '%s'" % (takes, word)
                           if self.parameters else "%%s takes no arguments: '%s'" % word, word)

    def _close(self):
        """The value of the last flag can no longer follow."""
        if self.open is not None and not self.open.optional:
            raise ParseError("%%s needs a value for %s" % self.open.long)
        if self.open is not None:
            self.values[self.open.name] = True
            self.open = None

    def _missing(self):
        return [each for each in self.positional
                if each.is_word and each.default is None and each.name not in self.values]

    def _call(self):
        missing = self._missing()
        if missing:
            raise ParseError("%%s needs more arguments: %s"
                             % " ".join(each.name.upper() for each in missing))
        values = {each.name: list(each.default or []) if each.iterable else each.default
                  for each in self.parameters if each.iterable or not each.has_default}
        values.update(self.values)
        by_place = []
        for each in self.parameters:
            if each.by_place or self.more and not each.is_keyword_only:
                by_place.append(values.pop(each.name, each.default))
        return by_place + self.more, values


def _unknown(message, word):
    problem = ParseError(message)
    problem.word = word
    return problem
