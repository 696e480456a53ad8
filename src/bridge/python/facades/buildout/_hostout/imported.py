"""The modules that zc.buildout's modules import: recipes use them from there (`easy_install.os`).

They are imported on first use, as is anything that only a few functions here need: each run with a recipe starts a
process.
"""

import importlib

from _hostout import absent

# Module -> names. `name` is a module of that name, `name=module` a module of another name, and
# `name=module:attribute` an attribute of a module.
NAMES = {
    "zc.buildout": """
        buildout=zc.buildout.buildout configparser=zc.buildout.configparser
        download=zc.buildout.download easy_install=zc.buildout.easy_install
        rmtree=zc.buildout.rmtree utils=zc.buildout.utils
        _package_index=zc.buildout._package_index patches=zc.buildout.patches
        pip setuptools sys warnings zc DistutilsMetaFinder=_distutils_hack:DistutilsMetaFinder
        PkgResourcesDeprecationWarning=pkg_resources:PkgResourcesDeprecationWarning""",
    "zc.buildout.buildout": """
        copy datetime distutils glob importlib inspect itertools pkg_resources shutil subprocess
        logging tempfile textwrap
        packaging_utils=packaging.utils DictMixin=collections.abc:MutableMapping
        partial=functools:partial md5=hashlib:md5 md5_original=hashlib:md5""",
    "zc.buildout.configparser": """
        logging re textwrap logger=_hostout.loggers:configparser markers=packaging.markers Marker=packaging.markers:Marker
        InvalidMarker=packaging.markers:InvalidMarker""",
    "zc.buildout.download": """
        sys zc md5=hashlib:md5 urlparse=urllib.parse:urlparse
        urlretrieve=urllib.request:urlretrieve""",
    "zc.buildout.easy_install": """
        logging logger=_hostout.loggers:easy_install
        copy csv distutils email errno glob operator pkg_resources posixpath setuptools shutil
        subprocess tempfile warnings _get_index=_hostout.package_index:get_index
        _indexes=_hostout.package_index:indexes zipfile metadata=importlib.metadata specifiers=packaging.specifiers
        _package_index=zc.buildout._package_index urllib=zc.buildout.download:urllib
        _oprp=posixpath:realpath cached_property=functools:cached_property Path=pathlib:Path
        canonicalize_name=_hostout.requirements:canonical
        is_normalized_name=packaging.utils:is_normalized_name
        normalize_name=zc.buildout.utils:normalize_name Distribution=pkg_resources:Distribution
        Wheel=setuptools.wheel:Wheel""",
    "zc.buildout.rmtree": "doctest shutil time",
    "zc.buildout.testing": """
        errno operator pkg_resources random HTTPServer=http.server:HTTPServer
        BaseHTTPRequestHandler=http.server:BaseHTTPRequestHandler urlopen=urllib.request:urlopen""",
    "zc.buildout.tests": "os shutil sys tempfile zc",
    "zc.buildout.utils": "packaging version=importlib.metadata:version",
    "zc.recipe.egg.custom": "logging sys logger=_hostout.loggers:custom",
    "zc.recipe.egg.egg": "copy logging bool_option=zc.buildout.buildout:bool_option",
}


def _load(owner, name, source):
    module, _, attribute = source.partition(":")
    if module in ("distutils", "pip"):
        import contextlib

        # setuptools replaces distutils, and that fails after either has been imported.
        with contextlib.suppress(ImportError):
            importlib.import_module("setuptools")
    try:
        found = importlib.import_module(module)
        return getattr(found, attribute) if attribute else found
    except (ImportError, AttributeError) as problem:
        if module in absent.MODULES:
            return absent.Absent(str(problem))
        return absent.Absent(
            "%s.%s is %s, which is not in this Python (%s). Name the distribution that has it in"
            " install_requires of the recipe."
            % (owner, name, source.replace(":", "."), problem))


def fill(owner, names):
    """Adds such names to a module, hidden from listings."""
    words = (word.partition("=") for word in NAMES[owner].split())
    sources = {name: source or name for name, _, source in words}
    otherwise = names.get("__getattr__")

    def look_up(name):
        if name in sources:
            names[name] = _load(owner, name, sources[name])
            return names[name]
        if otherwise is not None:
            return otherwise(name)
        raise AttributeError("module %r has no attribute %r" % (owner, name))

    names["__getattr__"] = look_up
