"""The buildout and its sections as mappings. Over 300 lines, since recipes know it as one module."""

import os
import re
import sys
from collections.abc import MutableMapping
from functools import cached_property

import zc.buildout
import zc.buildout.configparser
import zc.buildout.easy_install
from _hostout import absent, channel, failure, imported, program, shared_options
from _hostout.channel import request
from zc.buildout.formats import (  # noqa: F401 (recipes import them from here)
    _bool_names, _default_globals, _dir_hash, _dists_sig, _error, _format_picked_versions, _help,
    _print_options, _quote_spacey_nl, _recipe, _save_option, _save_options, _spacey_defaults,
    _spacey_nl, _version, command, commands, ignore_directories, print_)
from zc.buildout.raw import KnownOptions, RawOptions, RawSections
from zc.buildout.rmtree import rmtree


class MissingOption(zc.buildout.UserError, KeyError):
    """A required option is not set."""


class MissingSection(zc.buildout.UserError, KeyError):
    """A section is not defined."""

    def __str__(self):
        return "The referenced section, %r, was not defined." % self.args[0]


class _MissingSectionSaid(MissingSection):
    """The same, with the engine's message."""

    def __str__(self):
        return str(self.args[0])


failure.CLASSES["missing-option"] = MissingOption
failure.CLASSES["missing-section"] = _MissingSectionSaid

realpath = zc.buildout.easy_install.realpath

_isurl = re.compile("([a-zA-Z0-9+.-]+)://").match
_reference = re.compile(r"([$]{[^}]*})")
variable_template_split = _reference.split
_dir_hashes = {}


def bool_option(options, name, default=None):
    """An option that is `true` or `false`, as a bool. Raises KeyError if it is not set."""
    value = options.get(name, default)
    if value is None:
        raise KeyError(name)
    if value not in _bool_names:
        raise zc.buildout.UserError("Invalid value for %r option: %r" % (name, value))
    return _bool_names[value]


class Options(MutableMapping):
    """The options of one section, as given here; `SectionOptions` uses those of the engine."""

    def __init__(self, buildout, section, data):
        self.buildout = buildout
        self.name = section
        self._raw = data
        self._cooked = {}
        self._data = {}
        self._created = None

    def get(self, option, default=None, seen=None):
        if option in self._data:
            return self._data[option]
        value = self._raw.get(option)
        if value is None:
            return default
        if "${" in value:
            value = "$$".join(self._sub(piece, seen) for piece in value.split("$$"))
        self._data[option] = value
        return value

    def _sub(self, template, seen=None):
        """The template with its references resolved; there is no escape character."""
        pieces = _reference.split(template)
        if len(pieces) > 1:
            pieces[1::2] = self._resolved(pieces[1::2])
        return "".join(pieces)

    def _resolved(self, references):
        return [self[reference[3:-1]] if reference.startswith("${:")
                else request("substitute", "buildout", [reference])[0]
                for reference in references]

    def __getitem__(self, key):
        value = self.get(key)
        if value is None:
            raise MissingOption("Missing option: %s:%s" % (self.name, key))
        return value

    def __setitem__(self, option, value):
        if not isinstance(value, str):
            raise TypeError("Option values must be strings", value)
        self._data[option] = value

    def __delitem__(self, key):
        if key not in self._raw and key not in self._data:
            raise KeyError(key)
        self._raw.pop(key, None)
        self._data.pop(key, None)

    def keys(self):
        return list(self._raw) + [key for key in self._data if key not in self._raw]

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def copy(self):
        """All options as a dict; this does not count as reading them."""
        return dict(self._raw, **self._data)

    def __repr__(self):
        return repr(dict(self))

    def created(self, *paths):
        """Records paths to remove if the installation fails. Returns all paths so far."""
        if self._created is None:
            raise TypeError("Attempt to register a created path while not installing", self.name)
        self._created.extend(paths)
        return self._created

    def _call(self, function):
        """Runs a function in the buildout directory; if it fails, removes what it created."""
        directory = self.buildout["buildout"]["directory"]
        self._created = []
        os.chdir(directory)
        try:
            return function()
        except Exception:
            for path in self._created:
                if os.path.isdir(path):
                    rmtree(path)
                elif os.path.isfile(path):
                    os.remove(path)
                else:
                    self.buildout._logger.warning("Couldn't clean up %r.", path)
            raise
        finally:
            self._created = None
            os.chdir(directory)

    # For old recipes: methods from before zc.buildout 2.0.

    def query_bool(self, name, default=None):
        """The option as a bool; sets it to `default` if it is missing."""
        if default is not None:
            value = self.setdefault(name, default)
        elif name in self:
            value = self[name]
        else:
            return False
        if value not in ("true", "false"):
            raise zc.buildout.UserError("Invalid value for %s option: %s" % (name, value))
        return value == "true"

    def get_bool(self, name):
        """The option as a bool. Raises MissingOption."""
        if self[name] not in ("true", "false"):
            raise zc.buildout.UserError("Invalid value for %s option: %s" % (name, self[name]))
        return self[name] == "true"


class SectionOptions(Options):
    """The options of one section of the buildout."""

    def __init__(self, buildout, section):
        super().__init__(buildout, section, RawOptions(section))
        self._data = KnownOptions(section)

    def get(self, option, default=None, seen=None):
        value = shared_options.read(self.name, option)
        self._data.note(option)
        return default if value is None else value

    def _resolved(self, references):
        return request("substitute", self.name, references)

    def __setitem__(self, option, value):
        if not isinstance(value, str):
            raise TypeError("Option values must be strings", value)
        shared_options.write(self.name, option, value)
        self._data.note(option)

    def __delitem__(self, key):
        if not request("delete-option", self.name, key):
            raise KeyError(key)

    def keys(self):
        return shared_options.names(self.name)

    def copy(self):
        return request("copy-options", self.name)

    def created(self, *paths):
        """The same, but the engine removes the paths."""
        noted = super().created(*paths)
        self._tell()
        return noted

    def _tell(self):
        untold = self._created[self._told:]
        self._told = len(self._created)
        if untold:
            request("created", self.name, [os.fspath(path) for path in untold])

    def _installing(self, function):
        """Runs a function that may record paths. Recipes may also add to the list directly."""
        self._created, self._told = [], 0
        try:
            return function()
        except BaseException:
            self._tell()
            raise
        finally:
            self._created = None


class Buildout(MutableMapping):
    """The buildout of this run: section name -> options."""

    COMMANDS = set()
    Options = Options

    def __init__(self):
        self._data = {}
        self._raw = RawSections()

    @cached_property
    def _logger(self):
        import logging

        return logging.getLogger("zc.buildout")

    def __getitem__(self, section):
        known = self._data.get(section)
        if known is not None:
            return known
        if not isinstance(section, str) or section not in self._raw:
            raise MissingSection(section)
        request("section", section)
        # Initializing the section may have requested it.
        return self._data.setdefault(section, SectionOptions(self, section))

    def __setitem__(self, name, data):
        if name in self._raw:
            raise KeyError("Section already exists", name)
        request("add-sections", {name: {key: str(value) for key, value in data.items()}})

    def parse(self, data):
        """Adds the sections from text in the notation of cfg files."""
        import textwrap

        existing = request("parse", textwrap.dedent(data))
        if existing is not None:
            raise KeyError("Section already exists", existing)

    def __delitem__(self, key):
        raise NotImplementedError("__delitem__")

    def keys(self):
        return request("sections")

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def __contains__(self, section):
        return section in self._raw

    def _setting(self, option):
        return self["buildout"].get(option) or ""

    @property
    def offline(self):
        return bool_option(self["buildout"], "offline", "false")

    @property
    def newest(self):
        return not self.offline and bool_option(self["buildout"], "newest", "true")

    @property
    def versions(self):
        """The current pins as a dict."""
        return request("versions")

    @property
    def show_picked_versions(self):
        return bool_option(self["buildout"], "show-picked-versions", "false")

    @show_picked_versions.setter
    def show_picked_versions(self, value):
        self["buildout"]["show-picked-versions"] = "true" if value else "false"

    @property
    def update_versions_file(self):
        return self._setting("update-versions-file")

    @update_versions_file.setter
    def update_versions_file(self, value):
        self["buildout"]["update-versions-file"] = value or ""

    def _print_picked_versions(self):
        """Called at the end of the run. Extensions may replace it."""
        request("report-picked")

    @property
    def _parts(self):
        return request("parts")

    @property
    def _buildout_dir(self):
        return self["buildout"]["directory"]

    @property
    def _links(self):
        return self._setting("find-links").split()

    @property
    def _allow_hosts(self):
        return tuple(filter(None, map(str.strip, self._setting("allow-hosts").split("\n"))))

    @property
    def options(self):
        """The options of [buildout]."""
        return self["buildout"]

    @property
    def _annotated(self):
        """section -> option -> (value, source); the sources come from the engine."""
        return {name: {option: (value, "") for option, value in self._raw[name].items()}
                for name in self._raw}

    def _read_installed_part_options(self):
        """`(section -> the options of the last run, whether there was a last run)`."""
        record = self["buildout"].get("installed")
        if not record or not os.path.isfile(record):
            return {"buildout": Options(self, "buildout", {"parts": ""})}, False
        with open(record) as file:
            sections = zc.buildout.configparser.parse(file, record)
        for options in sections.values():
            for option, value in options.items():
                for mark, white in _spacey_defaults:
                    value = value.replace(mark, white)
                options[option] = value
        return {name: Options(self, name, data) for name, data in sections.items()}, True

    @property
    def _log_level(self):
        import logging

        return logging.getLogger().level

    def _buildout_path(self, name):
        """The path relative to the buildout directory, unless absolute."""
        if "${" in name:
            return name
        return os.path.join(self._buildout_dir, name)

    def _error(self, message, *args):
        raise zc.buildout.UserError(message % args)


def main(args=None):
    """Runs the command `buildout` with these arguments, by default those of the process."""
    import subprocess

    run = [program.path()] + list(sys.argv[1:] if args is None else args)
    if channel.is_open():
        # Otherwise, a run in the directory of this one would wait for it to end.
        run.insert(1, "--lock-wait=0")
    status = subprocess.call(run)
    if status != 0:
        sys.exit(status)


absent.fill(__name__, globals())
imported.fill(__name__, globals())
