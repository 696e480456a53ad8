"""Looks at and changes text files on the host."""

import io
import os
import re
import shlex

from fabric import host
from fabric.operations import run, sudo
from fabric.transfer import _quoted, put
from fabric.utils import abort

__all__ = ["append", "comment", "contains", "exists", "first", "is_link", "is_win", "sed", "uncomment",
           "upload_template"]


def _is(command, use_sudo):
    return host.silently(command, use_sudo)["code"] == 0


def _do(command, use_sudo, shell=True):
    return (sudo if use_sudo else run)(command, shell=shell)


def exists(path, use_sudo=False, verbose=False):
    return _is("test -e %s" % _quoted(str(path)), use_sudo)


def is_link(path, use_sudo=False, verbose=False):
    return _is("test -L %s" % _quoted(str(path)), use_sudo)


def is_win():
    return False


def first(*paths, **kwargs):
    """The first of the paths that exists, else None."""
    return next((path for path in paths if exists(path, **kwargs)), None)


def _escape_for_regex(text):
    """The text as an extended regular expression that matches it."""
    return re.sub(r"([\\^$.|?*+()\[\]{}])", r"\\\1", text)


def contains(filename, text, exact=False, use_sudo=False, escape=True, shell=False, case_sensitive=True):
    """Whether a line holds the text (or is it); with `escape=False` an extended regular expression."""
    pattern = _escape_for_regex(text) if escape else text
    if exact:
        pattern = "^%s$" % pattern
    flags = "" if case_sensitive else "i"
    return _is("grep -Eq%s -e %s -- %s" % (flags, shlex.quote(pattern), _quoted(str(filename))), use_sudo)


def append(filename, text, use_sudo=False, partial=False, escape=True, shell=False):
    """Adds lines that the file does not have yet at its end."""
    for line in [text] if isinstance(text, str) else text:
        if line and exists(filename, use_sudo) and contains(
                filename, line, exact=not partial, use_sudo=use_sudo, escape=escape):
            continue
        _do("printf '%%s\\n' %s >> %s" % (shlex.quote(line), _quoted(str(filename))), use_sudo)


def _slashed(text):
    """No slash inside ends the expression."""
    return re.sub(r"(?<!\\)((?:\\\\)*)/", r"\1\\/", text)


def sed(filename, before, after, limit="", use_sudo=False, backup=".bak", flags="", shell=False):
    """Replaces what matches an extended regular expression in the file's lines."""
    where = "/%s/" % _slashed(limit) if limit else ""
    script = "%ss/%s/%s/%sg" % (where, _slashed(before), _slashed(after), flags)
    suffix = shlex.quote(backup) if backup else ""
    return _do("sed -i%s -r -e %s %s" % (suffix, shlex.quote(script), _quoted(str(filename))), use_sudo)


def _inside(regex):
    """A regular expression without its anchors, and these."""
    start = "^" if regex.startswith("^") else ""
    end = "$" if regex.endswith("$") and not regex.endswith("\\$") else ""
    return start, regex[len(start):len(regex) - len(end)], end


def comment(filename, regex, use_sudo=False, char="#", backup=".bak", shell=False):
    start, inner, end = _inside(regex)
    return sed(filename, "%s(%s)%s" % (start, inner, end), "%s\\1" % char, use_sudo=use_sudo,
               backup=backup)


def uncomment(filename, regex, use_sudo=False, char="#", backup=".bak", shell=False):
    _, inner, end = _inside(regex)
    return sed(filename, r"^([[:space:]]*)%s[[:space:]]?(%s)%s" % (char, inner, end), r"\1\2",
               limit=regex.replace("^", "", 1) if regex.startswith("^") else regex, use_sudo=use_sudo,
               backup=backup)


def _rendered(filename, context, use_jinja, template_dir, keep_trailing_newline):
    if use_jinja:
        try:
            from jinja2 import Environment, FileSystemLoader
        except ImportError:
            abort("upload_template(use_jinja=True) needs Jinja2 for the Python that runs the fabfile.")
        folder = host.local_path(template_dir or ".")
        environment = Environment(loader=FileSystemLoader([folder]),
                                  keep_trailing_newline=keep_trailing_newline)
        return environment.get_template(filename).render(**(context or {}))
    path = host.local_path(os.path.join(template_dir or "", filename))
    try:
        with open(path, encoding="utf-8") as template:
            text = template.read()
    except OSError as problem:
        abort("Cannot read the template %s: %s" % (path, problem.strerror))
    return text % context if context else text


def upload_template(filename, destination, context=None, use_jinja=False, template_dir=None,
                    use_sudo=False, backup=True, mirror_local_mode=False, mode=None, pty=None,
                    keep_trailing_newline=False, temp_dir=""):
    """Uploads a text in which `%(name)s` (or Jinja2's notation) stands for values of `context`."""
    filename, destination = str(filename), str(destination)
    if destination.endswith("/") or _is("test -d %s" % _quoted(destination), use_sudo):
        destination = destination.rstrip("/") + "/" + os.path.basename(filename)
    text = _rendered(filename, context, use_jinja, template_dir, keep_trailing_newline)
    if mirror_local_mode and mode is None:
        mode = os.stat(host.local_path(os.path.join(template_dir or "", filename))).st_mode & 0o777
    if backup and exists(destination, use_sudo):
        target = _quoted(destination)
        _do("cp %s %s.bak" % (target, target), use_sudo)
    return put(io.BytesIO(text.encode("utf-8")), destination, use_sudo=use_sudo, mode=mode)
