"""Builds distributions with options for their C extensions."""

import os

import zc.buildout.easy_install
from _hostout import absent, imported
from zc.recipe.egg.egg import places

_PATHS = ("include-dirs", "library-dirs")
_TEXTS = ("define", "undef", "libraries", "link-objects", "debug", "force", "compiler",
          "swig-cpp", "swig-opts")
# The dynamic linker itself expands this.
_LINKER_WORDS = ("$ORIGIN", "$LIB", "$PLATFORM", "${ORIGIN}", "${LIB}", "${PLATFORM}")


def build_ext(buildout, options):
    """The options for the command build_ext; paths become absolute, also in `options`."""
    directory = buildout["buildout"]["directory"]
    result = {}

    def absolute(option, untouched=()):
        lines = [line.strip() for line in options[option].split("\n") if line.strip()]
        paths = [line if line.startswith(untouched) else os.path.join(directory, line)
                 for line in lines]
        result[option] = options[option] = os.pathsep.join(paths)

    for option in _PATHS:
        if options.get(option) is not None:
            absolute(option)
    if options.get("rpath") is not None:
        absolute("rpath", _LINKER_WORDS)
    if options.get("swig"):
        result["swig"] = options["swig"] = os.path.join(directory, options["swig"])
    for option in _TEXTS:
        if options.get(option) is not None:
            result[option] = options[option]
    return result


class Base(object):

    def __init__(self, buildout, name, options):
        self.buildout, self.name, self.options = buildout, name, options
        options["_d"] = buildout["buildout"]["develop-eggs-directory"]
        self.build_ext = build_ext(buildout, options)

    def update(self):
        return self.install()


class Custom(Base):
    """Builds the distribution `egg` into develop-eggs."""

    def __init__(self, buildout, name, options):
        super().__init__(buildout, name, options)
        settings = buildout["buildout"]
        self.links, self.index = places(options, settings)
        self.newest = settings.get("newest") == "true"
        section = options.get("environment")
        self.environment = buildout[section] if section else {}
        options["_environment-data"] = repr(sorted(self.environment.items()))
        options["_e"] = settings["eggs-directory"]

    def install(self):
        if self.buildout.offline:
            return ()
        before = dict(os.environ)
        for name, value in self.environment.items():
            os.environ[name] = value % os.environ
        try:
            wanted = self.options.get("egg", self.options.get("eggs", self.name)).strip()
            return zc.buildout.easy_install.build(
                wanted, self.options["_d"], self.build_ext, self.links, self.index)
        finally:
            for name in self.environment:
                if name in before:
                    os.environ[name] = before[name]
                else:
                    os.environ.pop(name, None)


class Develop(Base):
    """Develops the package named in the option `setup`."""

    def __init__(self, buildout, name, options):
        super().__init__(buildout, name, options)
        options["setup"] = os.path.join(buildout["buildout"]["directory"], options["setup"])

    def install(self):
        return zc.buildout.easy_install.develop(
            self.options["setup"], self.options["_d"], self.build_ext)


absent.fill(__name__, globals())
imported.fill(__name__, globals())
