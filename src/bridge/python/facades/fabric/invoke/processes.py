"""Processes on this machine and on hosts: their output, input and exit status."""

import os
import queue
import signal
import subprocess
import threading

from _hostout.engine import ask


class LocalProcess(object):
    """A command on this machine, run by a shell."""

    def __init__(self, command, shell, env, pty):
        self._master = None
        stdin = out = err = subprocess.PIPE
        if pty:
            self._master, terminal = os.openpty()
            stdin = out = err = terminal
        self._process = subprocess.Popen([shell, "-c", command], stdin=stdin, stdout=out, stderr=err, env=env,
                                         close_fds=True, start_new_session=pty)
        if pty:
            os.close(terminal)

    def read(self, stream):
        """Bytes from `out` or `err`; empty at the end."""
        if self._master is not None:
            if stream == "err":
                return b""
            try:
                return os.read(self._master, 4096)
            except OSError:
                return b""  # how Linux reports that the other end of the terminal is closed
        return os.read((self._process.stdout if stream == "out" else self._process.stderr).fileno(), 4096)

    def write(self, data):
        try:
            os.write(self._process.stdin.fileno() if self._master is None else self._master, data)
        except OSError:
            pass  # it has ended, or no longer reads

    def close_input(self):
        if self._master is not None:
            self.write(b"\x04")
        elif not self._process.stdin.closed:
            self._process.stdin.close()

    def kill(self):
        self._process.send_signal(signal.SIGKILL)

    def finish(self):
        status = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        if self._master is not None:
            os.close(self._master)
            self._master = None
        return status

    def disown(self):
        """It continues without us; its output is lost."""


class RemoteProcess(object):
    """A command on a host, watched by the engine."""

    def __init__(self, command, settings, pty):
        self._number = ask("live-start", command, settings, {"pty": pty})
        self._queues = {"out": queue.Queue(), "err": queue.Queue()}
        self._status = None
        self._failure = None
        self._pump = threading.Thread(target=self._follow, daemon=True)
        self._following = False

    def begin(self):
        self._following = True
        self._pump.start()
        return self

    def _follow(self):
        try:
            while True:
                output = ask("live-next", self._number)
                for stream in ("out", "err"):
                    if output[stream]:
                        self._queues[stream].put(output[stream].encode("latin-1"))
                if "ended" in output:
                    code = output["ended"]["code"]
                    self._status = -1 if code is None else code
                    break
        except BaseException as failure:
            self._failure = failure
        for each in self._queues.values():
            each.put(b"")

    def read(self, stream):
        return self._queues[stream].get()

    def write(self, data):
        ask("live-write", self._number, data.decode("latin-1"))

    def close_input(self):
        ask("live-write", self._number, None)

    def kill(self):
        ask("live-kill", self._number)

    def finish(self):
        self._pump.join()
        if self._failure is not None:
            raise self._failure
        return self._status

    def disown(self):
        ask("live-disown", self._number)
