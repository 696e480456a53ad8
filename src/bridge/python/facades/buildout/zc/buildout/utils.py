"""Small helpers that recipes use."""

import re

from _hostout import absent, imported


def normalize_name(name):
    """The name in the form used in file names of distributions."""
    return re.sub(r"[-_.]+", "_", name).lower()


absent.fill(__name__, globals())
imported.fill(__name__, globals())
