"""Makes the distributions that the facades replace known to anyone who looks for them."""

import sys

from _hostout.after_import import after_import

# Name -> version.
_versions = {}


class Facades(object):
    """Finds their metadata for importlib.metadata."""

    def find_spec(self, name, path=None, target=None):
        return None

    def find_distributions(self, context=None):
        if "path" in vars(context or self):
            return []  # the search is limited to certain directories, and they are in none
        from importlib.metadata import Distribution

        class Facade(Distribution):

            def __init__(self, name):
                self._text = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (
                    name, _versions[name])

            def read_text(self, filename):
                return self._text if filename == "METADATA" else None

            def locate_file(self, path):
                return path

        wanted = getattr(context, "name", None)
        return [Facade(name) for name in _versions if wanted in (None, name)]


def introduce(pkg_resources):
    """Makes pkg_resources find the facades, which have no directory on disk that it could activate."""
    known = pkg_resources.working_set
    for name, version in _versions.items():
        if name not in known.by_key:
            known.by_key[name] = pkg_resources.Distribution(project_name=name, version=version)
            names = getattr(known, "normalized_to_canonical_keys", {})
            names[name.replace(".", "-")] = name


def start(versions):
    _versions.update(versions)
    sys.meta_path.insert(0, Facades())
    after_import("pkg_resources", introduce)
