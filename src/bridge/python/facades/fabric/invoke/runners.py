"""Runs commands in the same way as Invoke."""

import codecs
import os
import sys
import threading

from _hostout.engine import ask
from invoke.exceptions import CommandTimedOut, Failure, ThreadException, UnexpectedExit, WatcherError
from invoke.outcome import Promise, Result, default_encoding
from invoke.processes import LocalProcess
from invoke.util import ExceptionWrapper

_HIDES = {None: (), False: (), "out": ("stdout",), "stdout": ("stdout",), "err": ("stderr",),
          "stderr": ("stderr",), "both": ("stdout", "stderr"), True: ("stdout", "stderr")}


def normalize_hide(val, out_stream=None, err_stream=None):
    """The names of the hidden streams; a redirected stream is not hidden."""
    try:
        names = _HIDES[val]
    except (KeyError, TypeError):
        raise ValueError("'hide' got %r which is not in %r" % (val, tuple(_HIDES))) from None
    given = {"stdout": out_stream, "stderr": err_stream}
    return tuple(name for name in names if given[name] is None)


def _at_terminal():
    return bool(sys.stdin and sys.stdin.isatty())


class _Thread(threading.Thread):
    """Keeps the exception that its function raised."""

    def __init__(self, target, **kwargs):
        super().__init__(daemon=True)
        self._what = {"target": target, "kwargs": kwargs}
        self.wrapper = None

    def run(self):
        try:
            self._what["target"](**self._what["kwargs"])
        except BaseException as error:
            self.wrapper = ExceptionWrapper(self._what, type(error), error, error.__traceback__)


class Runner(object):
    """One command. Subclasses define where it runs."""

    def __init__(self, context):
        self.context = context
        self.opts = {}
        self.using_pty = False
        self.process = None
        self.timed_out = False
        self.result_kwargs = {}
        self._timer = None
        self._threads = []
        self._texts = {"out": [], "err": []}
        self._finished = threading.Event()
        self._shown = {}

    # Defined by subclasses.

    def begin(self, command, env):
        raise NotImplementedError

    def should_use_pty(self, pty=False, fallback=True):
        return pty

    def base_env(self):
        return dict(os.environ)

    def generate_result(self, **kwargs):
        return Result(**kwargs)

    def show(self, stream, text):
        """Shows output that is neither redirected nor hidden."""

    def announce(self, command):
        """Shows the command, unless hidden."""

    # Running a command.

    def run(self, command, **kwargs):
        self._choose(kwargs)
        opts = self.opts
        env = dict(opts["env"]) if opts["replace_env"] else dict(self.base_env(), **opts["env"])
        self.result_kwargs = {"command": command, "shell": opts["shell"], "env": env,
                              "pty": self.using_pty, "hide": opts["hide"], "encoding": opts["encoding"]}
        if opts["echo"]:
            print(opts["echo_format"].format(command=command))
        if opts["dry"]:
            return self.generate_result(**dict(self.result_kwargs, stdout="", stderr="", exited=0))
        self.announce(command)
        self.process = self.begin(command, env)
        if opts["disown"]:
            self.process.disown()
            return None
        if opts["timeout"]:
            self._timer = threading.Timer(opts["timeout"], self._expire)
            self._timer.daemon = True
            self._timer.start()
        for stream in ("out", "err"):
            self._start(self._follow, stream=stream)
        self._feed()
        return Promise(self) if opts["asynchronous"] else self.finish()

    def _choose(self, kwargs):
        """Arguments override the configuration; unknown ones are errors."""
        config = self.context.config
        opts = {}
        for name, value in config.run.items():
            given = kwargs.pop(name, None)
            opts[name] = value if given is None else given
        opts["timeout"] = kwargs.pop("timeout", config.timeouts.get("command"))
        if kwargs:
            raise TypeError("run() got an unexpected keyword argument '%s'" % next(iter(kwargs)))
        if opts["asynchronous"] and opts["disown"]:
            raise ValueError("Cannot give both 'asynchronous' and 'disown' at the same time!")
        if opts["hide"] is True:
            opts["echo"] = False
        if opts["dry"] is True:
            opts["echo"] = True
        if opts["asynchronous"]:
            opts["hide"] = True
        opts["quiet"] = opts["hide"] in (True, "both")
        opts["hide"] = normalize_hide(opts["hide"], opts["out_stream"], opts["err_stream"])
        opts["encoding"] = opts["encoding"] or default_encoding()
        self.using_pty = self.should_use_pty(opts["pty"], opts["fallback"])
        interactive = self.using_pty and opts["in_stream"] is None and not opts["asynchronous"] and _at_terminal()
        if interactive and opts["out_stream"] is None and "stdout" not in opts["hide"]:
            # A person is typing: prompts have no line ends.
            opts["out_stream"] = sys.stdout
        self.opts = opts

    def _start(self, target, **kwargs):
        thread = _Thread(target, **kwargs)
        self._threads.append(thread)
        thread.start()

    def _expire(self):
        self.timed_out = True
        self.process.kill()

    def _follow(self, stream):
        """Reads one stream to its end, and lets the watchers respond."""
        decoder = codecs.getincrementaldecoder(self.opts["encoding"])("replace")
        target = self.opts[stream + "_stream"]
        hidden = "std" + stream in self.opts["hide"]
        try:
            while True:
                data = self.process.read(stream)
                text = decoder.decode(data, not data)
                if text:
                    self._texts[stream].append(text)
                    if target is not None:
                        target.write(text)
                        target.flush()
                    elif not hidden:
                        self.show(stream, text)
                    self._answer(stream)
                if not data:
                    break
            if target is None and not hidden:
                self.show(stream, None)
        except BaseException:
            # Nobody would answer: the command would wait forever.
            self.process.kill()
            raise

    def _answer(self, stream):
        watchers = self.opts["watchers"]
        if not watchers:
            return
        so_far = "".join(self._texts[stream])
        for watcher in watchers:
            for answer in watcher.submit(so_far) or ():
                self.process.write(str(answer).encode(self.opts["encoding"]))

    def _feed(self):
        """Starts the input: `in_stream`, otherwise the terminal if there is one, otherwise none."""
        source = self.opts["in_stream"]
        if source is None and not self.opts["asynchronous"] and _at_terminal():
            source = sys.stdin
        if source:
            self._start(self._mirror, source=source)
        elif not self.opts["watchers"] and not self.using_pty:
            self.process.close_input()

    def _mirror(self, source):
        try:
            self._hand_over(source)
        except BaseException:
            # The command would wait forever.
            self.process.kill()
            raise

    def _hand_over(self, source):
        from invoke.terminals import character_buffered, ready_for_reading

        with character_buffered(source):
            while not self._finished.is_set():
                if not ready_for_reading(source, self._finished):
                    continue
                text = os.read(source.fileno(), 1000).decode() if source is sys.stdin else source.read(1000)
                if not text:
                    self.process.close_input()
                    return
                data = text if isinstance(text, bytes) else text.encode(self.opts["encoding"])
                self.process.write(data)
                echo = self.opts["echo_stdin"]
                if echo or echo is None and not self.using_pty and source is sys.stdin:
                    self.show("out", text) if self.opts["out_stream"] is None else \
                        self.opts["out_stream"].write(text)

    def finish(self):
        """Waits for the end. Returns the result or raises an exception."""
        try:
            self._join(self._threads[:2])
            exited = self.process.finish()
        finally:
            self._finished.set()
            if self._timer is not None:
                self._timer.cancel()
            self._join(self._threads[2:])
        raised = [each.wrapper for each in self._threads if each.wrapper is not None]
        refused = [each.value for each in raised if isinstance(each.value, WatcherError)]
        others = [each for each in raised if not isinstance(each.value, WatcherError)]
        if others:
            raise ThreadException(others)
        texts = {"std" + name: "".join(parts) for name, parts in self._texts.items()}
        result = self.generate_result(**dict(self.result_kwargs, exited=None if refused else exited, **texts))
        if refused:
            raise Failure(result, reason=refused[0])
        if self.timed_out:
            raise CommandTimedOut(result, timeout=self.opts["timeout"])
        if not (result or self.opts["warn"]):
            raise UnexpectedExit(result)
        return result

    def _join(self, threads):
        for thread in threads:
            thread.join()


class Local(Runner):
    """Runs it on this machine, in the shell named by `run.shell`."""

    def begin(self, command, env):
        return LocalProcess(command, self.opts["shell"], env, self.using_pty)

    def should_use_pty(self, pty=False, fallback=True):
        if pty and fallback and not hasattr(sys.stdin, "fileno"):
            sys.stderr.write("WARNING: stdin is not a pty; falling back to non-pty execution!\n")
            return False
        return pty

    def announce(self, command):
        if not self.opts["quiet"]:
            ask("show-local", command)

    def show(self, stream, text):
        """Shows whole lines as they arrive; None: the rest."""
        rest = self._shown.get(stream, "")
        lines = (rest + (text or "")).split("\n")
        self._shown[stream] = lines.pop() if text is not None else ""
        for line in lines:
            if text is not None or line:
                ask("show-output", stream, line.rstrip("\r"))
