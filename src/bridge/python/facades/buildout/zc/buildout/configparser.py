"""Reads configuration files; the engine parses them."""

from _hostout import absent, imported
from _hostout.channel import request


class Error(Exception):
    """A configuration file cannot be read."""

    message = ""

    def __init__(self, msg=""):
        Exception.__init__(self, msg)
        self.message = msg

    def __str__(self):
        return self.message

    __repr__ = __str__


class ParsingError(Error):
    """Lines of a file are not valid configuration."""

    def __init__(self, filename):
        Error.__init__(self, "File contains parsing errors: %s" % filename)
        self.filename, self.errors = filename, []

    def append(self, lineno, line):
        self.errors.append((lineno, line))
        self.message += "\n\t[line %2d]: %s" % (lineno, line)


class MissingSectionHeaderError(ParsingError):
    """A file begins with an option."""

    def __init__(self, filename, lineno, line):
        Error.__init__(self, "File contains no section headers.\nfile: %s, line: %d\n%r"
                       % (filename, lineno, line))
        self.filename, self.lineno, self.line = filename, lineno, line


def parse(fp, fpname, exp_globals=dict):
    """section -> option -> value. Conditions use the same names as in zc.buildout."""
    parsed = request("parse-text", fp.read(), fpname)
    if "sections" in parsed:
        return parsed["sections"]
    error = ParsingError(fpname)
    error.message = parsed["error"]
    raise error


absent.fill(__name__, globals())
imported.fill(__name__, globals())
