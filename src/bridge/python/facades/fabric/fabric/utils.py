"""Messages to the user, and the end of a run."""

import os
import textwrap

from _hostout.attributes import AliasDict as _AliasDict, AttributeDict as _AttributeDict
from _hostout.engine import ask
from fabric.exceptions import Aborted
from fabric.state import end, env, output


def abort(msg):
    end(Aborted(msg))


def warn(msg):
    if output.warnings:
        ask("warn", str(msg))


def indent(text, spaces=4, strip=False):
    """`text` (or lines), indented."""
    lines = "\n".join(text) if hasattr(text, "append") else text
    if strip:
        lines = textwrap.dedent(lines)
    return "\n".join(" " * spaces + line for line in lines.splitlines())


def puts(text, show_prefix=None, end="\n", flush=False):
    if not output.user:
        return
    wanted = env.output_prefix if show_prefix is None else show_prefix
    prefix = "[%s] " % env.host_string if wanted and env.host_string else ""
    print(prefix + str(text), end=end, flush=flush)


def fastprint(text, show_prefix=False, end="", flush=True):
    puts(text, show_prefix=show_prefix, end=end, flush=flush)


def error(message, func=None, exception=None, stdout=None, stderr=None):
    """Warns with `warn_only`, otherwise aborts (or calls `func`)."""
    if func is None:
        func = warn if env.warn_only else abort
    for title, text in (("", exception), ("Standard output:\n", stdout), ("Standard error:\n", stderr)):
        if text:
            message = "%s\n%s%s" % (message, title, text)
    return func(message)


def isatty(stream):
    return hasattr(stream, "isatty") and stream.isatty()


def apply_lcwd(path, env):
    return os.path.join(env.lcwd, path) if env.lcwd and not os.path.isabs(path) else path


def handle_prompt_abort(prompt_for):
    if env.abort_on_prompts:
        abort("Needed to prompt for %s, but abort-on-prompts was set to True" % prompt_for)
    if env.parallel:
        abort("Needed to prompt for %s, but input would be ambiguous in parallel mode" % prompt_for)


class RingBuffer(list):

    def __init__(self, value=(), maxlen=None):
        super().__init__(value)
        self.maxlen = maxlen

    def append(self, item):
        super().append(item)
        if self.maxlen is not None:
            del self[:-self.maxlen]
