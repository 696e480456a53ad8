"""Answers to prompts of programs, sent when their output arrives."""

import re
import threading

from invoke.exceptions import ResponseNotAccepted


class StreamWatcher(threading.local):
    """A separate thread with its own state watches each stream of a command."""

    def submit(self, stream):
        """The answers to write for the output so far."""
        raise NotImplementedError


class Responder(StreamWatcher):
    """Writes `response` whenever `pattern` appears."""

    def __init__(self, pattern, response):
        self.pattern = pattern
        self.response = response
        self.index = 0

    def pattern_matches(self, stream, pattern, index_attr):
        """Matches after the last match; `index_attr` stores the position."""
        found = re.findall(pattern, stream[getattr(self, index_attr):], re.S)
        if found:
            setattr(self, index_attr, len(stream))
        return found

    def submit(self, stream):
        for _ in self.pattern_matches(stream, self.pattern, "index"):
            yield self.response


class FailingResponder(Responder):
    """Raises ResponseNotAccepted if `sentinel` appears after a response."""

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
