"""The command lines that Fabric 1 sends to hosts: a command with the settings from `env`."""

from _hostout.engine import ask
from fabric import host
from fabric.state import DEFAULT_SHELL, env


def escaped(string):
    """Escapes for a shell's double quotes, except for backslashes, which fabfiles escape themselves, as in Fabric."""
    for character in '"$`':
        string = string.replace(character, "\\" + character)
    return string


def shell():
    """`env.shell`, or its replacement on a host without bash."""
    if env.shell == DEFAULT_SHELL and not ask("bash", host.settings()):
        return "sh -c"
    return env.shell


def in_shell(wrapper, command, escape, first=""):
    """`first` and the command as an argument of the shell `wrapper`, or without a shell if that is None."""
    if wrapper is None:
        return first + command
    return '%s "%s%s"' % (wrapper, first, escaped(command) if escape else command)


def sudo_name(value):
    """A user or group for sudo; None if there is none."""
    if value is None:
        return None
    return "#%s" % value if str(value).isdigit() else str(value)


def sudo_prefix(user, group=None, prompt=None):
    """sudo with its options; `prompt` replaces `env.sudo_prompt`."""
    if prompt is None:
        words = env.sudo_prefix % env
    else:
        # Fabfiles include the prompt by its name, or by its value.
        words = env.sudo_prefix % dict(env, sudo_prompt=prompt)
        words = words.replace(env.sudo_prompt, prompt) if env.sudo_prompt else words
    for option, name in (("-u", sudo_name(user)), ("-g", sudo_name(group))):
        if name is not None:
            words += ' %s "%s"' % (option, name)
    return words + (" " if user is not None or group is not None else "")


def after_prefixes(command, folder):
    """The command in a directory, after the commands of `prefix`."""
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
    """The command line for a host."""
    return with_variables(after_prefixes(command, env.cwd))


def in_local_context(command):
    """The command line for this machine."""
    return after_prefixes(with_variables(command), env.lcwd)
