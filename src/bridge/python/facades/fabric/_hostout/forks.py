"""Functions that run in parallel, each in a process of its own. The processes reach the engine through this one."""

import base64
import json
import os
import pickle
import sys
import threading
import traceback

from _hostout import channel, shared_env


class Failed(Exception):
    """What a function raised, as text if its process could not transfer the exception."""


def run_each(functions, at_once):
    """Runs the functions, at most `at_once` at a time. Returns the result or exception of each."""
    children = []
    for function in functions:
        children.append(_Child(function, children))
    # No process is forked after this: threads and forks do not mix.
    slots = threading.Semaphore(at_once)
    threads = [threading.Thread(target=child.follow, args=(slots,), daemon=True) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [child.outcome for child in children]


class _Child(object):

    def __init__(self, function, others):
        self.outcome = Failed("Its process was ended.")
        self._writing = threading.Lock()
        inner_in, outer_out = os.pipe()
        outer_in, inner_out = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process == 0:
            # A process that inherits an end of another's pipe would keep that one waiting forever.
            for end in [outer_in, outer_out] + [end for other in others for end in other.ends]:
                os.close(end)
            _work(function, inner_in, inner_out)
        os.close(inner_in)
        os.close(inner_out)
        self.ends = [outer_in, outer_out]

    def follow(self, slots):
        """Starts the function when a slot is free, and passes its requests on until it has ended."""
        with slots:
            self._send({"begin": True})
            with open(self.ends[0], "rb") as messages:
                for line in messages:
                    message = json.loads(line)
                    if "outcome" in message:
                        self.outcome = pickle.loads(base64.b64decode(message["outcome"]))
                    else:
                        # An answer may take long, and others send requests in the meantime.
                        threading.Thread(target=self._relay, args=(message,), daemon=True).start()
            os.waitpid(self._process, 0)
        os.close(self.ends[1])

    def _relay(self, message):
        answer = channel.exchange(message["call"], *message["args"])
        shared_env.accept((answer.get("result") or {}).get("env"))
        self._send(dict(answer, id=message["id"]))

    def _send(self, message):
        with self._writing:
            try:
                channel.write_line(self.ends[1], message)
            except channel.EngineGone:
                pass  # it has ended


def _work(function, requests, answers):
    """Runs in the forked process; does not return."""
    try:
        with open(requests, "rb") as stream:
            stream.readline()
            channel.open_channel(stream, {}, answers)
            shared_env.keep_apart()
            try:
                outcome = function()
            except BaseException as error:
                outcome = error
                if isinstance(error, SystemExit):
                    outcome = error if error.code else None
                elif getattr(error, "_engine_error", None) is None:
                    traceback.print_exc()
            sys.stdout.flush()
            channel.write_line(answers, {"outcome": base64.b64encode(_pickled(outcome)).decode("ascii")})
    finally:
        os._exit(0)


def _pickled(outcome):
    try:
        data = pickle.dumps(outcome)
        pickle.loads(data)
        return data
    except Exception:
        if isinstance(outcome, BaseException):
            return pickle.dumps(Failed(str(outcome)))
        return pickle.dumps(Failed("What it returned can't be handed over: %r" % (outcome,)))
