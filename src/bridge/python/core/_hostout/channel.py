"""Calls in both directions over two pipes, one JSON object per line.

`{"id", "call", "args"}` is a request, `{"id", "result"}` or `{"id", "error"}` a response. Both sides may send
requests while they wait: a call that arrives meanwhile is served first. Every line may contain changes of what
both sides share, such as `environment`: the changes in the sender's environment variables.
"""

import collections
import json
import os
import sys
import threading

from _hostout import environment, failure


# Names in messages -> objects with functions `changes` and `accept`.
SHARED = {"environment": environment}


class EngineGone(SystemExit):
    """The engine has ended, or asks the worker to end: there will be no more responses."""


class Channel(object):

    def __init__(self, requests, handlers, answers=4):
        self._requests = requests
        self._output = answers
        self._handlers = handlers
        self._process = os.getpid()
        self._last = 0
        self._answers = {}
        self._calls = collections.deque()
        # Code that we run may have threads: one of the waiting threads reads for all of them.
        self._changed = threading.Condition()
        self._reading = False
        self._writing = threading.Lock()

    def exchange(self, name, *args):
        """The engine's complete response."""
        if os.getpid() != self._process:
            raise RuntimeError("A forked process can't reach the buildout.")
        with self._changed:
            self._last += 1
            number = self._last
        self._send({"id": number, "call": name, "args": args})
        self._work_until(lambda: number in self._answers)
        return self._answers.pop(number)

    def request(self, name, *args):
        """The engine's response. If the engine refuses, raises that as an exception."""
        answer = self.exchange(name, *args)
        if "error" in answer:
            raise failure.raised(answer["error"])
        return answer.get("result")

    def serve(self):
        """Serves the engine until it closes its end."""
        try:
            self._work_until(lambda: False)
        except EngineGone:
            pass

    def answer(self, number, result):
        self._send({"id": number, "result": result})

    def _work_until(self, ready):
        """Reads messages and serves the calls among them."""
        while True:
            call = None
            with self._changed:
                while not (self._calls or ready()) and self._reading:
                    self._changed.wait()
                if ready():
                    return
                if self._calls:
                    call = self._calls.popleft()
                else:
                    self._reading = True
            if call is not None:
                self._serve(call)
            else:
                self._receive()

    def _receive(self):
        line = b""
        try:
            line = self._requests.readline()
        finally:
            with self._changed:
                self._reading = False
                if line.endswith(b"\n"):
                    message = json.loads(line)
                    for name, shared in SHARED.items():
                        if name in message:
                            shared.accept(message[name])
                    if "umask" in message:
                        os.umask(message["umask"])
                    if "call" in message:
                        self._calls.append(message)
                    else:
                        self._answers[message["id"]] = message
                self._changed.notify_all()
        if not line.endswith(b"\n"):
            raise EngineGone()

    def _serve(self, message):
        try:
            self.answer(message["id"], self._handlers[message["call"]](*message["args"]))
        except EngineGone:
            raise
        except BaseException as error:
            self._send({"id": message["id"], "error": failure.described(error)})

    def _send(self, message):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass  # the code that we run may have closed or replaced it
        with self._writing:
            for name, shared in SHARED.items():
                changed = shared.changes()
                if changed:
                    message[name] = changed
            write_line(self._output, message)


def write_line(descriptor, message):
    # Each write accepts a part; a view of the rest costs nothing.
    data = memoryview((json.dumps(message) + "\n").encode("ascii"))
    while data:
        try:
            data = data[os.write(descriptor, data):]
        except BrokenPipeError:
            raise EngineGone()


_channel = None


def open_channel(requests, handlers, *answers):
    global _channel
    _channel = Channel(requests, handlers, *answers)
    return _channel


def exchange(name, *args):
    """The engine's response, which may be a refusal."""
    return _channel.exchange(name, *args)


class Stand(object):
    """Replaces the engine in tests of recipes."""

    def __init__(self, handlers):
        self._handlers = handlers

    def request(self, name, *args):
        if name not in self._handlers:
            raise RuntimeError("No buildout runs here that could answer: %s." % name)
        return self._handlers[name](*args)


def answer_with(handlers):
    """Lets these functions answer requests from now on, unless there is an engine."""
    global _channel
    if not is_open():
        _channel = Stand(handlers)


def is_open():
    """Whether there is an engine to answer."""
    return isinstance(_channel, Channel)


def request(name, *args):
    """Sends a request to the engine."""
    if _channel is None:
        answer_with({})
    return _channel.request(name, *args)
