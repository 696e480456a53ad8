"""Small helpers that recipes borrow."""

import re

from _hostout import absent, imported


def normalize_name(name):
    """The name in the form that files of distributions have."""
    return re.sub(r"[-_.]+", "_", name).lower()


absent.fill(__name__, globals())
imported.fill(__name__, globals())
