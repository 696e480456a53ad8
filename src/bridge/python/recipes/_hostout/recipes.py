"""The engine's requests about recipes and extensions."""

import importlib
import os
import sys

from _hostout import search_path

# Part name, module and attributes of the recipe -> its instance.
_parts = {}

_buildout = None


def buildout():
    """The buildout of this run, as recipes see it."""
    global _buildout
    if _buildout is None:
        from zc.buildout.buildout import Buildout

        _buildout = Buildout()
    return _buildout


class Nonsense(TypeError):
    """A recipe returned neither a path nor paths."""


def _load(locations, module, attributes):
    """The object behind an entry point, with its distributions on the path."""
    search_path.extend(locations)
    found = importlib.import_module(module)
    for name in attributes.split(".") if attributes else ():
        found = getattr(found, name)
    return found


def _in_buildout_directory(function, *args):
    """Calls it. The working directory is that of the buildout before and after."""
    directory = buildout()["buildout"]["directory"]
    os.chdir(directory)
    try:
        return function(*args)
    finally:
        os.chdir(directory)


def _paths(made, what):
    """The return value of a recipe as a list of paths; None stays None."""
    if made is None:
        return None
    if isinstance(made, (str, os.PathLike)):
        made = [made]
    try:
        return [_path(path, what) for path in made]
    except TypeError as error:
        if isinstance(error, Nonsense) or not _is_uniterable(made):
            raise
        raise Nonsense("%s returned %s; it must return a path or a list of paths."
                       % (what, _shown(made)))


def _is_uniterable(made):
    try:
        iter(made)
    except TypeError:
        return True
    return False


def _path(path, what):
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if isinstance(text, str):
        return text
    raise Nonsense("%s returned %s among its paths; each must be a string."
                   % (what, _shown(path)))


def _shown(value):
    text = repr(value)
    return "%s (%s)" % (text if len(text) < 80 else text[:77] + "...", type(value).__name__)


def construct(part, locations, module, attributes):
    factory = _load(locations, module, attributes)
    options = buildout()[part]
    recipe = _in_buildout_directory(factory, buildout(), part, options)
    _parts[part, module, attributes] = options.recipe = recipe


def install(part, locations, module, attributes):
    return _install_with(part, _parts[part, module, attributes].install, "install()")


def update(part, locations, module, attributes):
    """If there is no update(), runs the recipe's install()."""
    recipe = _parts[part, module, attributes]
    if not hasattr(recipe, "update"):
        buildout()._logger.warning("The recipe for %s doesn't define an update method. "
                                   "Using its install method.", part)
        return install(part, locations, module, attributes)
    return _install_with(part, recipe.update, "update()")


def _install_with(part, method, title):
    # The recipe may return a generator that continues to create files.
    options = buildout()[part]
    return options._installing(lambda: _in_buildout_directory(lambda: _paths(method(), title)))


def uninstall(part, options, locations, module, attributes):
    from zc.buildout.buildout import Options

    uninstaller = _load(locations, module, attributes)
    recorded = Options(buildout(), part, options)
    _in_buildout_directory(uninstaller, part, recorded)
    # A recipe removes a path from the list to keep it.
    return [path for path in recorded["__buildout_installed__"].split("\n") if path]


def extend(locations, module, attributes):
    """Calls an extension's entry point with the buildout."""
    _in_buildout_directory(_load(locations, module, attributes), buildout())


def listeners():
    """The final steps of a run that extensions have replaced with functions of their own."""
    from _hostout import installer
    from zc.buildout import easy_install

    return {
        "distributions": installer.heard() or easy_install.Installer is not installer.Installer,
        "picked": "_print_picked_versions" in vars(buildout()),
    }


def tell(items, pinned):
    """Lets the installer pass on what the engine's own recipes have installed."""
    from _hostout.distributions import WorkingSet, from_engine
    from _hostout.requirements import Requirement
    from zc.buildout import easy_install

    wanted = ["%(name)s==%(version)s" % item if item["name"] in pinned else item["name"]
              for item in items]
    easy_install.Installer().tell(
        list(from_engine(items)), [Requirement(text) for text in wanted], WorkingSet())


def print_picked():
    buildout()._print_picked_versions()


def end():
    # Looked up now, since extensions may replace the function.
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()


HANDLERS = {
    "construct": construct,
    "install": install,
    "update": update,
    "uninstall": uninstall,
    "extend": extend,
    "listeners": listeners,
    "tell": tell,
    "print-picked": print_picked,
    "end": end,
}
