import { codes } from "./table.ts";

/** Node and Python packages. */
export const PACKAGES = codes({
  "build-failed": {
    meaning: "Building a package or a program failed.",
    action: "Read the end of the build's output, shown with the error.",
  },
  "develop-failed": {
    meaning: "A develop package could not be prepared.",
    action: "Read the output; the location names its build file.",
  },
  "eggs-not-writable": {
    meaning: "The eggs directory cannot be written.",
    action: "Make it writable, or set `[buildout] eggs-directory`.",
  },
  "git-failed": {
    meaning: "git could not list the files of a develop package.",
    action: "Read git's output.",
  },
  "hg-failed": {
    meaning: "Mercurial could not list the files of a develop package.",
    action: "Read Mercurial's output.",
  },
  "index-refused": {
    meaning: "The package index refused the login.",
    action: "Check the user name and password for the index.",
  },
  "index-unreachable": {
    meaning: "The package index cannot be reached.",
    action: "Check the network, the proxy, `index` and `find-links`.",
  },
  "install-failed": {
    meaning: "pip or uv failed.",
    action: "Read its output, shown with the error.",
  },
  "interpreter-broken": {
    meaning: "A Python interpreter does not work.",
    action: "Name another one as `executable`.",
  },
  "interpreter-missing": {
    meaning: "There is no Python interpreter at this path.",
    action: "Correct `executable`, or install it there.",
  },
  "interpreter-too-old": {
    meaning: "A Python interpreter is too old.",
    action: "Name Python 3.8 or newer as `executable`.",
  },
  "invalid-entry-point": {
    meaning: "An entry point has the wrong form.",
    action: "Write `name=module:function`.",
  },
  "invalid-package": {
    meaning: "A `package.json` or the package around it cannot be used.",
    action: "Correct the file that the location names.",
  },
  "invalid-pyproject": {
    meaning: "A `pyproject.toml` has a value that cannot be used.",
    action: "Correct the value.",
  },
  "invalid-requirement": {
    meaning: "A requirement has the wrong form.",
    action: "Write it as the hint shows.",
  },
  "invalid-toml": {
    meaning: "A `pyproject.toml` cannot be read.",
    action: "Correct the line that the location names.",
  },
  "invalid-version": {
    meaning: "A pin or version is not valid.",
    action: "Write a version of this kind of package.",
  },
  "metadata-unknown": {
    meaning: "A develop package has no metadata yet, and a plan does not run its build file.",
    action: "Run `bin/buildout` once.",
  },
  "missing-distribution": {
    meaning: "A distribution is not in the working set.",
    action: "Add it to `eggs`.",
  },
  "missing-setuptools": {
    meaning: "The interpreter has no setuptools.",
    action: "Install setuptools for it.",
  },
  "missing-variable": {
    meaning: "A build setting names an environment variable that does not exist.",
    action: "Set it in the part's `environment` section.",
  },
  "no-package": {
    meaning: "A directory has no package, or no package has this name.",
    action: "Correct `develop` or the name.",
  },
  "npm-failed": { meaning: "npm failed.", action: "Read its output, shown with the error." },
  "npm-missing": { meaning: "npm is not installed.", action: "Install it as the hint says." },
  "login-visible": {
    meaning:
      "The login of a package index stays in its URL, visible in the process list while pip builds, because a netrc file cannot hold it.",
    action:
      "Use one login per host and plain characters in it, or Python 3.11 or newer; use host names, not IPv6 addresses.",
  },
  "package-not-found": {
    meaning: "No package of this name exists at the index.",
    action: "Correct the name or the index.",
  },
  "pip-missing": { meaning: "No pip works for this interpreter.", action: "Install pip for it." },
  "registry-unreachable": {
    meaning: "The npm registry cannot be reached.",
    action: "Check the network, the proxy and `.npmrc`.",
  },
  "release-missing": {
    meaning: "A released package was not uploaded.",
    action: "Run `uploadeggs`.",
  },
  "unknown-extra": {
    meaning: "A distribution does not have the required extra.",
    action: "Correct the requirement, or set `allow-unknown-extras`.",
  },
  "unpinned-version": {
    meaning: "A version is not pinned, and `allow-picked-versions` is false.",
    action: "Add the pin that the message shows.",
  },
  "uv-missing": {
    meaning: "`installer = uv`, but uv is not installed.",
    action: "Install uv, or remove the option.",
  },
  "version-conflict": {
    meaning: "Requirements or pins contradict each other.",
    action: "Change one of the two.",
  },
  "version-not-found": {
    meaning: "No published version matches.",
    action: "Use one of the versions that the hint lists.",
  },
  "wrong-interpreter": {
    meaning: "A distribution does not support this Python.",
    action: "Pin another version, or name another interpreter.",
  },
});
