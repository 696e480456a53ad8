"""Strings with colors, unless FABRIC_DISABLE_COLORS is set."""

import os


def _colored(code):
    def wrap(text, bold=False):
        if os.environ.get("FABRIC_DISABLE_COLORS"):
            return str(text)
        return "\033[%s%sm%s\033[0m" % ("1;" if bold else "", code, text)

    return wrap


red = _colored("31")
green = _colored("32")
yellow = _colored("33")
blue = _colored("34")
magenta = _colored("35")
cyan = _colored("36")
white = _colored("37")
