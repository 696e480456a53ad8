"""The content of an index and links, for recipes that look for the URL of an archive."""

import fnmatch
import html.parser
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

from _hostout.channel import request
from _hostout.distributions import EGG_DIST, Distribution
from _hostout.requirements import canonical, meets

SOURCE_DIST = 1

_NAMES = (
    (re.compile(r"^(.+?)-([^-]+)(?:-[^-]+)?-[^-]+-[^-]+-[^-]+\.whl$"), EGG_DIST),
    (re.compile(r"^(.+?)-([^-]+?)(?:-py\d[.\d]*(?:-.+)?)?\.egg$"), EGG_DIST),
    (re.compile(r"^(.+)-([^-]+?)\.(?:tar\.(?:gz|bz2|xz|Z)|tgz|tar|zip)$"), SOURCE_DIST),
)


def described(url):
    """The distribution that the URL of an archive contains, or None."""
    name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1])
    for pattern, kind in _NAMES:
        match = pattern.match(name)
        if match:
            return Distribution(url, None, match.group(1), match.group(2), kind)
    return None


class _Links(html.parser.HTMLParser):

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def links_of(address):
    """The absolute links on a page or in a directory. Raises OSError."""
    path = _local(address)
    if path is not None and os.path.isdir(path):
        page = os.path.join(path, "index.html")
        if not os.path.exists(page):
            return ["file://" + os.path.join(path, name) for name in sorted(os.listdir(path))]
        address = "file://" + page
    with urllib.request.urlopen(address) as answer:
        charset = answer.headers.get_content_charset() or "utf-8"
        page = _Links()
        page.feed(answer.read().decode(charset, "replace"))
        return [urllib.parse.urljoin(answer.geturl(), link) for link in page.found]


def _local(address):
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "file":
        return urllib.request.url2pathname(parts.path)
    return None if parts.scheme else address


class PackageIndex(object):
    """Project -> its distributions in an index and links, newest first."""

    def __init__(self, index_url, find_links, allow_hosts=("*",)):
        self.index_url = index_url.rstrip("/") + "/" if index_url else None
        self.find_links = list(find_links)
        self.allow_hosts = tuple(allow_hosts)
        self._known = {}
        self._linked = None

    def url_ok(self, url):
        host = urllib.parse.urlsplit(url).netloc
        return not host or any(fnmatch.fnmatch(host, pattern) for pattern in self.allow_hosts)

    def _read(self, address):
        if "://" not in address:
            address = "file://" + os.path.abspath(address)
        if not self.url_ok(address):
            return []
        if described(address):
            return [address]
        try:
            return [link for link in links_of(address) if self.url_ok(link)]
        except OSError:
            return []

    def _all(self, key):
        if self._linked is None:
            self._linked = [link for place in self.find_links for link in self._read(place)]
        links = list(self._linked)
        if self.index_url:
            links += self._read(self.index_url + canonical(key) + "/")
        found = {link: described(link) for link in links}
        return [dist for dist in found.values() if dist and canonical(dist.key) == canonical(key)]

    def __getitem__(self, key):
        if key not in self._known:
            self._known[key] = sorted(self._all(key), reverse=True)
        return self._known[key]

    def __iter__(self):
        return iter([key for key, found in self._known.items() if found])

    def find_packages(self, requirement):
        """Looks for the project's distributions and keeps them."""
        return self[requirement.key]

    def obtain(self, requirement, source=None):
        """The newest distribution that the requirement allows, or None."""
        for dist in self[requirement.key]:
            if meets(dist, requirement) and (not source or dist.precedence == SOURCE_DIST):
                return dist
        return None


def _default_url():
    """The index from the buildout or pip's settings."""
    own = request("option", "buildout", "index")
    if own:
        return own
    pip = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
    return os.environ.get("PIP_INDEX_URL") or pip.stdout.strip() or "https://pypi.org/simple/"


# (index, links) -> the index object, as in zc.buildout.
indexes = {}


def get_index(index_url=None, find_links=(), allow_hosts=("*",)):
    """The index object for these URLs, created once per run."""
    key = index_url, tuple(find_links)
    if key not in indexes:
        indexes[key] = PackageIndex(index_url or _default_url(), find_links, allow_hosts)
    return indexes[key]
