"""Answers to questions of programs."""


class StreamWatcher(object):

    def submit(self, stream):
        raise NotImplementedError


class Responder(StreamWatcher):
    """What a program is given to read, as it asks for `pattern`."""

    def __init__(self, pattern, response):
        self.pattern = pattern
        self.response = response


class FailingResponder(Responder):

    def __init__(self, pattern, response, sentinel):
        super().__init__(pattern, response)
        self.sentinel = sentinel
