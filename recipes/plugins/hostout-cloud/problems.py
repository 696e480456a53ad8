"""Classifies errors from providers, and retries calls if the provider is busy."""

import functools
import re
import socket
import time

from _hostout import channel

# Seconds between attempts while the provider is busy.
PAUSES = (0.5, 1, 2, 4, 8, 16)

# Words in providers' error messages, whatever the class of the exception.
WORDS = (
    ("throttled", r"RequestLimitExceeded|Throttling|Rate limit|Too Many Requests"),
    ("busy", r"ServiceUnavailable|Service Unavailable"),
    ("quota", r"InstanceLimitExceeded|VcpuLimitExceeded|InsufficientInstanceCapacity"
              r"|[Qq]uota|limit exceeded"),
    ("image", r"InvalidAMIID|Image not found|[Cc]an not find requested image"),
    ("login", r"AuthFailure|InvalidClientTokenId|SignatureDoesNotMatch|Unauthorized"),
)


class Problem(Exception):
    """An error that a person can fix."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def words_of(error):
    text = str(getattr(error, "value", None) or error)
    code = re.search(r"<Code>(.*?)</Code>", text)
    words = re.search(r"<Message>(.*?)</Message>", text, re.S)
    if code and words:
        text = "%s: %s" % (code.group(1), words.group(1).strip())
    return " ".join(text.split())[:500] or type(error).__name__


def kind_of(error):
    if isinstance(error, Problem):
        return error.kind
    said = words_of(error)
    status = getattr(error, "code", None) or getattr(error, "http_code", None)
    if status == 429:
        return "throttled"
    for kind, words in WORDS:
        if re.search(words, said):
            return kind
    names = [base.__name__ for base in type(error).__mro__]
    if "InvalidCredsError" in names or status in (401, 403):
        return "login"
    if isinstance(status, int) and status >= 500:
        return "busy"
    if isinstance(error, (OSError, socket.error)) or "RequestException" in names:
        return "unreachable"
    return "refused"


def again(action, *args, **options):
    """Calls the provider; if it is busy, tries again after a pause."""
    return repeat(("throttled", "busy"), action, *args, **options)


def repeat(kinds, action, *args, **options):
    for pause in PAUSES + (None,):
        try:
            return action(*args, **options)
        except Exception as error:
            if pause is None or kind_of(error) not in kinds:
                raise
            channel.request("note", "The provider is busy; the next try is in %s s" % pause)
            time.sleep(pause)


def handler(function):
    """A function that the other process calls: it returns {"value"}, or {"problem", "message"}."""
    @functools.wraps(function)
    def guarded(*args):
        try:
            return {"value": function(*args)}
        except Exception as error:
            return {"problem": kind_of(error), "message": words_of(error)}
    return guarded
