"""Results of commands."""


class _AttributeString(str):
    """A command's output; its attributes tell how the command ended."""

    @property
    def stdout(self):
        return str(self)


class _AttributeList(list):
    """Paths of transferred files."""

    failed = ()

    @property
    def succeeded(self):
        return not self.failed


def attributed(command, real_command, answer, ok):
    """The result from the engine's response."""
    result = _AttributeString(answer["stdout"].strip())
    result.stderr = _AttributeString(answer["stderr"].strip())
    result.return_code = answer["code"]
    result.command = command
    result.real_command = real_command
    result.failed = answer["code"] not in ok
    result.succeeded = not result.failed
    return result
