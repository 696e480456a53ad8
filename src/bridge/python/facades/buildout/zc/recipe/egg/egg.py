"""Installs distributions and writes their scripts."""

import os
import re
import sys

import zc.buildout
import zc.buildout.easy_install
from _hostout import absent, imported


def _lines(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


def _without_login(address):
    """The URL without its user name and password: options are written to a file."""
    return re.sub(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", r"\1", address, flags=re.I)


def places(options, settings):
    """`(find-links, index)` of a part, by default of [buildout]; they become options of the part."""
    own_links, own_index = options.get("find-links"), options.get("index")
    links = (own_links or settings.get("find-links") or "").split()
    if links:
        options["find-links"] = "\n".join(
            links if own_links else [_without_login(link) for link in links])
    index = settings.get("index") if own_index is None else own_index
    if index is not None:
        options["index"] = index if own_index is not None else _without_login(index)
    return links, index


class Eggs(object):
    """Installs the distributions named in the option `eggs`."""

    def __init__(self, buildout, name, options):
        self.buildout = buildout
        self.name = name
        self.options = options
        settings = buildout["buildout"]
        self.links, self.index = places(options, settings)
        self.allow_hosts = tuple(_lines(settings.get("allow-hosts", "*")))
        for option, short in (("eggs-directory", "_e"), ("develop-eggs-directory", "_d")):
            options[option] = options[short] = settings[option]
        self.executable = sys.executable

    def working_set(self, extra=()):
        """`(the requirements in the option eggs, a working set for them and the extra ones)`."""
        # Not earlier: recipes that need no working set have no such option.
        self.options["executable"] = sys.executable
        requirements = _lines(self.options.get("eggs", self.name))
        found = self._working_set(
            requirements + list(extra),
            self.options["eggs-directory"], self.options["develop-eggs-directory"])
        return requirements, found

    def _working_set(self, distributions, eggs_dir, develop_eggs_dir, offline=False, newest=True,
                     links=None, index=None, allow_hosts=("*",), allow_unknown_extras=False):
        return zc.buildout.easy_install.install(
            distributions, eggs_dir,
            links=self.links if links is None else links,
            index=self.index if index is None else index,
            path=[develop_eggs_dir])

    def install(self):
        self.working_set()
        return ()

    update = install


class Scripts(Eggs):
    """Installs the distributions and writes scripts for their entry points."""

    def __init__(self, buildout, name, options):
        super().__init__(buildout, name, options)
        directory = buildout["buildout"]["directory"]
        options["bin-directory"] = options["_b"] = buildout["buildout"]["bin-directory"]
        self.extra_paths = [os.path.join(directory, path)
                            for path in _lines(options.get("extra-paths", ""))]
        if self.extra_paths:
            options["extra-paths"] = "\n".join(self.extra_paths)
        relative = options.get("relative-paths",
                               buildout["buildout"].get("relative-paths", "false"))
        if relative not in ("true", "false"):
            raise zc.buildout.UserError("Invalid value for relative-paths option: %s" % relative)
        self._relative_paths = ""
        if relative == "true":
            self._relative_paths = options["buildout-directory"] = directory

    parse_entry_point = re.compile(r"([^=]+)=(\w+(?:[.]\w+)*):(\w+(?:[.]\w+)*)$").match

    def _wanted(self):
        """The option `scripts` as entry point -> script; None means all of them."""
        words = self.options.get("scripts")
        if words is None:
            return None
        return dict((word.split("=", 1) * 2)[:2] for word in words.split())

    def _entry_points(self):
        for word in self.options.get("entry-points", "").split():
            parsed = self.parse_entry_point(word)
            if not parsed:
                import logging

                logging.getLogger(self.name).error("Cannot parse the entry point %s.", word)
                raise zc.buildout.UserError("Invalid entry point")
            yield parsed.groups()

    def install(self):
        requirements, found = self.working_set()
        wanted = self._wanted()
        if wanted is not None and not wanted:
            return ()
        sources = list(requirements) + list(self._entry_points())
        if get_bool(self.options, "dependent-scripts"):
            sources += [dist.project_name for dist in found
                        if dist.project_name != "setuptools"
                        and dist.project_name not in sources]
        return zc.buildout.easy_install.scripts(
            sources, found, self.executable, self.options["bin-directory"],
            scripts=wanted,
            extra_paths=self.extra_paths,
            interpreter=self.options.get("interpreter"),
            initialization=self.options.get("initialization", ""),
            arguments=self.options.get("arguments", ""),
            relative_paths=self._relative_paths)

    update = install


def get_bool(options, name, default=False):
    """An option that is `true` or `false`; `default` if it is empty or missing."""
    value = options.get(name)
    if not value:
        return default
    if value not in ("true", "false"):
        raise zc.buildout.UserError("Invalid value for %s option: %s" % (name, value))
    return value == "true"


Egg = Scripts


absent.fill(__name__, globals())
imported.fill(__name__, globals())
