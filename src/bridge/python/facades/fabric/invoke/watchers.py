"""Answers to questions of programs, given as their output comes."""

import re
import threading

from invoke.exceptions import ResponseNotAccepted


class StreamWatcher(threading.local):
    """Each stream of a command is watched by a thread of its own, with a state of its own."""

    def submit(self, stream):
        """Answers to write, for all that has come so far."""
        raise NotImplementedError


class Responder(StreamWatcher):
    """Writes `response` whenever `pattern` comes up."""

    def __init__(self, pattern, response):
        self.pattern = pattern
        self.response = response
        self.index = 0

    def pattern_matches(self, stream, pattern, index_attr):
        """What matches behind the last match; how far was read is kept in `index_attr`."""
        found = re.findall(pattern, stream[getattr(self, index_attr):], re.S)
        if found:
            setattr(self, index_attr, len(stream))
        return found

    def submit(self, stream):
        for _ in self.pattern_matches(stream, self.pattern, "index"):
            yield self.response


class FailingResponder(Responder):
    """Raises ResponseNotAccepted where `sentinel` comes after an answer."""

    def __init__(self, pattern, response, sentinel):
        super().__init__(pattern, response)
        self.sentinel = sentinel
        self.failure_index = 0
        self.tried = False

    def submit(self, stream):
        answers = list(super().submit(stream))
        if self.tried and self.pattern_matches(stream, self.sentinel, "failure_index"):
            raise ResponseNotAccepted("The answer to r\"%s\" was refused: %r" % (self.pattern, self.sentinel))
        self.tried = self.tried or bool(answers)
        return answers
