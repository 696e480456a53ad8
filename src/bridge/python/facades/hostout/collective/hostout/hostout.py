"""`api.env.hostout`, and the users that commands run as."""

import functools

from _hostout.calls import call
from _hostout.engine import ask
from fabric.context_managers import settings
from fabric.state import env


class Packages(object):
    """The develop packages of this buildout."""

    def __init__(self, facts):
        self.packages = facts["packages"]
        self.buildout_location = facts["directory"]
        self.dist_dir = facts["dist_dir"]
        self.download_cache = facts["download_cache"]

    @property
    def local_eggs(self):
        return {name: (name, version, path) for name, version, path in ask("hostout", "eggs")}

    def release_eggs(self):
        """Name -> (name, version, archive); releases those that have changed."""
        return self.local_eggs

    def getPackages(self):
        return {name: (name, version) for name, (_, version, _) in self.local_eggs.items()}

    def getDistEggs(self):
        return {(name, version): path for name, version, path in self.local_eggs.values()}

    def developVersions(self):
        """Pins of the released packages, one per line."""
        eggs = sorted(self.local_eggs.items())
        return "".join("\n%s=%s" % (name, version) for name, (_, version, _) in eggs)


class HostOut(object):
    """The host of this command, with the options of its part and of the buildout."""

    def __init__(self, facts):
        self.name = facts["name"]
        self.host = facts["host"]
        self.port = facts["port"]
        self.user = facts["user"]
        self.password = None
        self.options = facts["options"]
        self.remote_dir = facts["path"]
        self.buildout_dir = facts["directory"]
        self.dist_dir = facts["dist_dir"]
        self.buildout_cfg = facts["buildout"]
        self.parts = facts["parts"]
        self.fabfiles = facts["fabfiles"]
        self.extends = (self.options.get("extends") or "").split() + ["collective.hostout"]
        self.start_cmd = self.options.get("post-commands")
        self.stop_cmd = self.options.get("pre-commands")
        self.extra_config = self.options.get("include")
        self.identityfile = facts["identity_file"]
        self.packages = Packages(facts)
        self.socks_proxy = self.http_proxy = ""
        self._facts = facts

    def getPreCommands(self):
        return self._on_host(self._facts["pre_commands"])

    def getPostCommands(self):
        return self._on_host(self._facts["post_commands"])

    def _on_host(self, commands):
        here, there = self.getLocalBuildoutPath(), self.getRemoteBuildoutPath()
        return [each.replace(here, there) for each in commands]

    def getBuildoutDependencies(self):
        return self._facts["include"]

    def getLocalBuildoutPath(self):
        return self.buildout_dir

    def getRemoteBuildoutPath(self):
        return self.remote_dir if self.remote_dir.startswith("/") else ask("hostout", "path")

    @property
    def buildout_cache(self):
        return self._facts["cache"] or ask("hostout", "cache")

    def getDownloadCache(self):
        return "%s/downloads" % self.buildout_cache.rstrip("/")

    def getEggCache(self):
        return "%s/eggs" % self.buildout_cache.rstrip("/")

    def getParts(self):
        return self.parts

    def localEggs(self):
        return [path for _, _, path in self.packages.local_eggs.values()]

    def getHostoutFile(self):
        """The text of the configuration that the host builds."""
        return ask("hostout", "file")

    def getHostoutPackage(self):
        """An archive of the configuration files."""
        return ask("hostout", "package")

    def getHostoutPackageFiles(self):
        """[file, its path in the buildout]"""
        return [tuple(pair) for pair in ask("hostout", "files")]

    def getVersions(self):
        return ask("hostout", "versions")

    @property
    def versions(self):
        return self.getVersions()

    @property
    def releaseid(self):
        return ask("hostout", "releaseid")

    def getIdentityKey(self):
        """The file of the private key, and the line of the public key."""
        return tuple(ask("hostout", "identity"))

    def allcmds(self):
        """Name -> function."""
        return {name: getattr(self, name) for name in ask("names")}

    def runcommand(self, cmd, *cmdargs, **vargs):
        return call(cmd, cmdargs, vargs)

    def __getattr__(self, name):
        if not name.startswith("_") and name in ask("names"):
            return functools.partial(call_named, name)
        options = self.__dict__.get("options", {})
        for each in (name, name.replace("_", "-")):
            if each in options:
                return options[each]
        raise AttributeError("'%s' is neither a command nor an option of %s" % (name, self.__dict__.get("name")))


def call_named(name, *args, **kwargs):
    return call(name, args, kwargs)


def _as(option):
    user = env.hostout.options.get(option) or env.user
    return settings(user=user, host_string="%s@%s:%s" % (user, env.hosts[0], env.port))


def asbuildoutuser():
    return _as("buildout-user")


def assudouser():
    return _as("user")


def buildoutuser(function):
    """Runs the function as the buildout user."""
    @functools.wraps(function)
    def as_buildout_user(*args, **kwargs):
        with asbuildoutuser():
            return function(*args, **kwargs)

    return as_buildout_user
