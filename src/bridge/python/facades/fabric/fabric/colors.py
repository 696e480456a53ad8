"""Texts with colours, where FABRIC_DISABLE_COLORS does not forbid them."""

import os


def _coloured(code):
    def wrap(text, bold=False):
        if os.environ.get("FABRIC_DISABLE_COLORS"):
            return str(text)
        return "\033[%s%sm%s\033[0m" % ("1;" if bold else "", code, text)

    return wrap


red = _coloured("31")
green = _coloured("32")
yellow = _coloured("33")
blue = _coloured("34")
magenta = _coloured("35")
cyan = _coloured("36")
white = _coloured("37")
