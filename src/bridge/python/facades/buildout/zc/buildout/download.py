"""Downloads for recipes, with zc.buildout's cache and checksums."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import zc.buildout
from _hostout import imported
from zc.buildout.easy_install import realpath


class ChecksumError(zc.buildout.UserError):
    """A file does not match its checksum."""


class Download(object):
    """Gets the content of a URL.

    options: a mapping with `directory`, `download-cache`, `offline`, `install-from-cache`
    cache: the cache directory; None: no cache
    namespace: a directory in the cache
    offline: do not download anything
    fallback: use the cache only if the download fails
    hash_name: name each file in the cache after the hash of its URL
    logger: the logger to use
    """

    def __init__(self, options=None, cache=-1, namespace=None, offline=-1, fallback=False,
                 hash_name=False, logger=None):
        options = {} if options is None else options
        self.directory = options.get("directory", "")
        self.cache = options.get("download-cache") if cache == -1 else cache
        self.namespace = namespace
        if offline == -1:
            offline = "true" in (options.get("offline"), options.get("install-from-cache"))
        self.offline = offline
        self.fallback = fallback
        self.hash_name = hash_name
        self.logger = logger or logging.getLogger("zc.buildout")

    @property
    def download_cache(self):
        if self.cache is not None:
            return realpath(os.path.join(self.directory, self.cache))

    @property
    def cache_dir(self):
        if self.download_cache is not None:
            return os.path.join(self.download_cache, self.namespace or "")

    def __call__(self, url, md5sum=None, path=None):
        """`(path of the file, whether the caller has to delete it)`."""
        if self.cache:
            found, temporary = self.download_cached(url, md5sum)
        else:
            found, temporary = self.download(url, md5sum, path)
        return locate_at(found, path), temporary

    def download_cached(self, url, md5sum=None):
        if not os.path.exists(self.download_cache):
            raise zc.buildout.UserError(
                "The directory:\n%r\nto be used as a download cache doesn't exist.\n"
                % self.download_cache)
        os.makedirs(self.cache_dir, exist_ok=True)
        cached = os.path.join(self.cache_dir, self.filename(url))
        self.logger.debug("Searching cache at %s" % self.cache_dir)
        if not os.path.exists(cached):
            self.logger.debug("Cache miss; will cache %s as %s" % (url, cached))
            return cached, self.download(url, md5sum, cached)[1]
        temporary = False
        if self.fallback:
            try:
                temporary = self.download(url, md5sum, cached)[1]
            except ChecksumError:
                raise
            except Exception as problem:
                self.logger.debug("Falling back to the cache: %s" % problem)
        if not check_md5sum(cached, md5sum):
            raise ChecksumError(
                "MD5 checksum mismatch for cached download from %r at %r" % (url, cached))
        self.logger.debug("Using cache file %s" % cached)
        return cached, temporary

    def download(self, url, md5sum=None, path=None):
        """The same, without using the cache."""
        local = _local_path(url)
        if local is not None:
            self.logger.debug("Using local resource %s" % url)
            if not os.path.exists(local):
                raise zc.buildout.UserError("There is no file %r to download." % local)
            if not check_md5sum(local, md5sum):
                raise ChecksumError("MD5 checksum mismatch for local resource at %r." % local)
            return locate_at(local, path), False
        if self.offline:
            raise zc.buildout.UserError("Couldn't download %r in offline mode." % url)
        self.logger.info("Downloading %s" % url)
        # In the same directory, so that it appears there complete.
        folder = os.path.dirname(os.path.abspath(path)) if path else None
        handle, temporary = tempfile.mkstemp(prefix="buildout-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                _fetch(url, file)
            if not check_md5sum(temporary, md5sum):
                raise ChecksumError("MD5 checksum mismatch downloading %r" % url)
            if not path:
                return temporary, True
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
            return path, False
        except BaseException:
            remove(temporary)
            raise

    def filename(self, url):
        """The name of the file in the cache."""
        if self.hash_name:
            return hashlib.md5(url.encode()).hexdigest()
        parsed = urllib.parse.urlparse(url, "file")
        names = [name for name in parsed.path.split("/") if name]
        return names[-1] if names else parsed.netloc


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _local_path(url):
    if re.match(r"^[A-Za-z]:\\", url):
        return url
    parsed = urllib.parse.urlparse(url, "file")
    return parsed.path if parsed.scheme == "file" else None


def _fetch(url, file):
    try:
        with urllib.request.urlopen(url) as answer:
            expected = answer.headers.get("Content-Length")
            shutil.copyfileobj(answer, file)
        if expected is not None and file.tell() < int(expected):
            raise OSError("it ended after %d of %s bytes" % (file.tell(), expected))
    except (OSError, ValueError) as problem:
        raise zc.buildout.UserError("Error downloading %s: %s" % (_without_secret(url), problem))


def _without_secret(url):
    return re.sub("//[^/@]*@", "//", url)


def check_md5sum(path, md5sum):
    """Whether the file has this MD5 checksum; True if there is none."""
    if md5sum is None:
        return True
    checksum = hashlib.md5()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(65536), b""):
            checksum.update(chunk)
    return checksum.hexdigest() == md5sum


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def locate_at(source, dest):
    """Links or copies the file or directory to `dest`, unless that is None."""
    if dest is None or realpath(dest) == realpath(source):
        return source
    if os.path.isdir(source):
        shutil.copytree(source, dest)
        return dest
    try:
        os.link(source, dest)
    except OSError:
        shutil.copyfile(source, dest)
    return dest


imported.fill(__name__, globals())
