"""Reads and changes text files on the host, with the commands that Fabric 1 sends."""

import functools
import io
import os
import stat

from fabric import host
from fabric.context_managers import hide, settings
from fabric.remote_commands import run, sudo
from fabric.state import env
from fabric.transfer import put
from fabric.utils import abort, apply_lcwd

# Characters with a meaning in extended regular expressions and in a shell's double quotes.
_OF_REGEX = "\\^$|(){}[]*+?."
_OF_SHELL = "\\$`\""


def _runner(use_sudo, **options):
    return functools.partial(sudo if use_sudo else run, **options)


def _holds(command, use_sudo, verbose=False, **options):
    """Whether a command succeeds."""
    unseen = () if verbose else (hide("everything"),)
    with settings(*unseen, warn_only=True):
        return _runner(use_sudo, **options)(command).succeeded


def _word(path):
    """A path in which the host's shell expands tilde, variables and patterns."""
    return '"$(echo %s)"' % path


def exists(path, use_sudo=False, verbose=False):
    return _holds("stat %s" % _word(path), use_sudo, verbose)


def is_link(path, use_sudo=False, verbose=False):
    return _holds("test -L %s" % _word(path), use_sudo, verbose)


def is_win():
    return False


def first(*paths, **kwargs):
    """The first of the paths that exists, otherwise None."""
    return next((path for path in paths if exists(path, **kwargs)), None)


def _backslashed(text, characters):
    return "".join("\\" + each if each in characters else each for each in text)


def _escape_for_regex(text):
    """An extended regular expression that matches the text, escaped for a shell's double quotes."""
    return _backslashed(_backslashed(text, _OF_REGEX), _OF_SHELL)


def contains(filename, text, exact=False, use_sudo=False, escape=True, shell=False, case_sensitive=True):
    """Whether a line contains the text (or is equal to it); with `escape=False`, an extended regular expression."""
    if escape:
        text = _escape_for_regex(text)
        text = "^%s$" % text if exact else text
    options = "-E" if case_sensitive else "-E -i"
    return _holds('grep %s "%s" %s' % (options, text, _word(filename)), use_sudo, shell=shell)


def append(filename, text, use_sudo=False, partial=False, escape=True, shell=False):
    """Appends the lines that the file does not have yet."""
    end = "" if partial else "$"
    for line in [text] if isinstance(text, str) else text:
        if line and exists(filename, use_sudo) and contains(
                filename, "^%s%s" % (_escape_for_regex(line), end), use_sudo=use_sudo, escape=False, shell=shell):
            continue
        # Two shells read it: the login shell removes one of the backslashes.
        quoted = line.replace("'", "'\\\\''") if escape else line
        _runner(use_sudo)("echo '%s' >> %s" % (quoted, _word(filename)))


def sed(filename, before, after, limit="", use_sudo=False, backup=".bak", flags="", shell=False):
    """Replaces matches of an extended regular expression in the file's lines."""
    before = _backslashed(before, "/'")
    after = _backslashed(after, "/'()")
    script = "%ss/%s/%s/%sg" % ("/%s/ " % limit if limit else "", before, after, flags)
    with hide("running", "stdout"):
        system = run("uname", shell=False, pty=False)
    if system in ("NetBSD", "OpenBSD", "QNX"):
        command = _sed_without_place(script, _word(filename), backup)
    else:
        extended = "-E" if system == "Darwin" else "-r"
        command = "sed -i%s %s -e '%s' %s" % (backup, extended, script, _word(filename))
    return _runner(use_sudo, shell=shell)(command)


def _sed_without_place(script, file, backup):
    """For a sed that cannot change files in place."""
    return ("t=$(mktemp) && cp -p {file} $t && sed -r -e '{script}' {file} > $t && cp -p {file} {file}{backup} "
            "&& mv $t {file}").format(script=script, file=file, backup=backup)


def comment(filename, regex, use_sudo=False, char="#", backup=".bak", shell=False):
    start = "^" if regex.startswith("^") else ""
    end = "$" if regex.endswith("$") else ""
    inner = regex[len(start):len(regex) - len(end)]
    return sed(filename, "%s(%s)%s" % (start, inner, end), char + "\\1", use_sudo=use_sudo, backup=backup,
               shell=shell)


def uncomment(filename, regex, use_sudo=False, char="#", backup=".bak", shell=False):
    return sed(filename, "^([[:space:]]*)%s[[:space:]]?" % char, "\\1", limit=regex, use_sudo=use_sudo,
               backup=backup, shell=shell)


def _rendered(filename, context, use_jinja, template_dir, keep_trailing_newline):
    if use_jinja:
        try:
            from jinja2 import Environment, FileSystemLoader
        except ImportError:
            abort("upload_template(use_jinja=True) needs Jinja2 for the Python that runs the fabfile.")
        environment = Environment(loader=FileSystemLoader([host.local_path(template_dir or ".")]),
                                  keep_trailing_newline=keep_trailing_newline)
        return environment.get_template(filename).render(**(context or {}))
    with open(host.local_path(os.path.join(template_dir or "", filename)), encoding="utf-8") as template:
        text = template.read()
    return text % context if context else text


def upload_template(filename, destination, context=None, use_jinja=False, template_dir=None,
                    use_sudo=False, backup=True, mirror_local_mode=False, mode=None, pty=None,
                    keep_trailing_newline=False, temp_dir=""):
    """Uploads a text, after replacing `%(name)s` (or with Jinja2, its notation) with values of `context`."""
    options = {} if pty is None else {"pty": pty}
    filename, destination = str(filename), str(destination)
    if _holds("test -d %s" % _word(destination), use_sudo, **options):
        destination += ("" if destination.endswith("/") else "/") + os.path.basename(filename)
    if mirror_local_mode and mode is None:
        mode = stat.S_IMODE(os.stat(host.local_path(os.path.join(template_dir or "", filename))).st_mode)
    text = _rendered(filename, context, use_jinja, template_dir, keep_trailing_newline)
    if backup and exists(destination, use_sudo):
        file = _word(destination)
        _runner(use_sudo, **options)("cp %s %s.bak" % (file, file))
    return put(io.StringIO(text), destination, use_sudo=use_sudo, mode=mode, temp_dir=temp_dir)
