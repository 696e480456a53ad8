"""The lines that Fabric 1 sends to hosts: what `env` says, around a command."""

from _hostout.engine import ask
from fabric import host
from fabric.state import DEFAULT_SHELL, env


def escaped(string):
    """For double quotes of a shell; backslashes are left to the fabfile, as ever."""
    for character in '"$`':
        string = string.replace(character, "\\" + character)
    return string


def shell():
    """`env.shell`, or what a host without bash has instead."""
    if env.shell == DEFAULT_SHELL and not ask("bash", host.settings()):
        return "sh -c"
    return env.shell


def in_shell(wrapper, command, escape, first=""):
    """The command as the argument of a shell (None: of none), with `first` before it."""
    if wrapper is None:
        return first + command
    return '%s "%s%s"' % (wrapper, first, escaped(command) if escape else command)


def sudo_name(value):
    """A user or group for sudo; None if there is none."""
    if value is None:
        return None
    return "#%s" % value if str(value).isdigit() else str(value)


def sudo_prefix(user, group=None, prompt=None):
    """sudo with its options; `prompt` goes where `env.sudo_prompt` belongs."""
    if prompt is None:
        words = env.sudo_prefix % env
    else:
        # Fabfiles put the prompt in by its name, or by its value.
        words = env.sudo_prefix % dict(env, sudo_prompt=prompt)
        words = words.replace(env.sudo_prompt, prompt) if env.sudo_prompt else words
    for option, name in (("-u", sudo_name(user)), ("-g", sudo_name(group))):
        if name is not None:
            words += ' %s "%s"' % (option, name)
    return words + (" " if user is not None or group is not None else "")


def after_prefixes(command, folder):
    """The command in a folder, after what `prefix` says."""
    first = ["cd %s >/dev/null" % folder] if folder else []
    return " && ".join(first + list(env.command_prefixes) + [command])


def with_variables(command):
    """The command with the variables of `shell_env` and `path`."""
    variables = {}
    if env._path:
        text = {"append": '$PATH:"%s"', "prepend": '"%s":$PATH', "replace": '"%s"'}[env.path_behavior]
        variables["PATH"] = text % env._path
    variables.update(env.shell_env)
    words = ['%s="%s"' % (name, value if name == "PATH" else escaped(str(value)))
             for name, value in variables.items()]
    return "export %s && %s" % (" ".join(words), command) if words else command


def in_context(command):
    """As it goes to a host."""
    return with_variables(after_prefixes(command, env.cwd))


def in_local_context(command):
    """As it runs on this machine."""
    return after_prefixes(with_variables(command), env.lcwd)
