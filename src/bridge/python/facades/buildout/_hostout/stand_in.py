"""Replaces the engine with sections in memory, for tests of a single recipe."""

import configparser
import os
import re
import sys

import zc.buildout
from zc.buildout.buildout import MissingOption, MissingSection

_REFERENCE = re.compile(r"[$]{([^:}]*):([^}]*)}")


def parsed(text):
    """section -> option -> value, from text in the notation of cfg files."""
    parser = configparser.RawConfigParser(
        delimiters=("=",), strict=False, default_section="\n", comment_prefixes=("#", ";"))
    parser.optionxform = str
    parser.read_string(text)
    return {name: dict(parser.items(name)) for name in parser.sections()}


def settings(directory):
    """Options of [buildout] for a directory."""
    folders = {
        "bin-directory": "bin", "parts-directory": "parts", "eggs-directory": "eggs/v5",
        "develop-eggs-directory": "develop-eggs",
    }
    found = {name: os.path.join(directory, folder) for name, folder in folders.items()}
    found.update({
        "directory": directory, "installed": os.path.join(directory, ".installed.cfg"),
        "allow-hosts": "*", "find-links": "", "newest": "true", "offline": "false",
        "prefer-final": "true", "parts": "", "python": "buildout", "log-level": "INFO",
        "executable": sys.executable, "show-picked-versions": "false",
        "update-versions-file": "", "versions": "versions",
    })
    return found


class Sections(object):
    """Sections, and the answers to requests about them."""

    def __init__(self, directory):
        self.sections = {"buildout": settings(directory), "versions": {}}

    def value(self, section, option, open=()):
        text = self.sections[section].get(option)
        return None if text is None else self.resolved(section, text, open + ((section, option),))

    def resolved(self, section, text, open=()):
        def one(match):
            name, option = match.group(1) or section, match.group(2)
            if (name, option) in open:
                raise zc.buildout.UserError("Circular reference in substitutions.\n")
            if name not in self.sections:
                raise MissingSection(name)
            found = self.value(name, option, open)
            if found is None:
                raise MissingOption(
                    "Referenced option does not exist:", name, option)
            return found

        return "$$".join(_REFERENCE.sub(one, piece) for piece in text.split("$$"))

    def add(self, added):
        for name in added:
            if name in self.sections:
                return name
        self.sections.update(added)
        return None

    def put(self, section, option, value):
        if value is None:
            return self.sections[section].pop(option, None) is not None
        self.sections.setdefault(section, {})[option] = value
        return True

    def put_section(self, name, options):
        if options is None:
            self.sections.pop(name, None)
        else:
            self.sections[name] = dict(options)

    def handlers(self):
        sections = self.sections
        return {
            "section": lambda name: None,
            "sections": lambda: list(sections),
            "has-section": lambda name: name in sections,
            "add-sections": self.add,
            "parse": lambda text: self.add(parsed(text)),
            "parse-text": lambda text, file: {"sections": parsed(text)},
            "raw-options": lambda name: dict(sections.get(name, {})),
            "set-raw-option": self.put,
            "set-raw-section": self.put_section,
            "option": self.value,
            "options": lambda name: list(sections[name]),
            "copy-options": lambda name: dict(sections[name]),
            "set-option": self.put,
            "delete-option": lambda name, option: self.put(name, option, None),
            "substitute": lambda name, references: [
                self.resolved(name, reference) for reference in references],
            "created": lambda name, paths: None,
            "versions": lambda: dict(sections["versions"]),
            "set-versions": lambda versions: self.put_section("versions", versions),
            "parts": lambda: [],
            "picked-versions": lambda: [],
            "report-picked": lambda: None,
        }
