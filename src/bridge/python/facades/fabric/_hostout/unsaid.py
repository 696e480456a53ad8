"""Values that nobody has set: the part and ~/.ssh/config take precedence."""


class _Text(str):
    pass


class _Number(int):
    pass


def unsaid(value):
    """The same value, marked."""
    if isinstance(value, str):
        return _Text(value)
    return _Number(value) if isinstance(value, int) else value


def said(value):
    """The value if somebody has set it, else None."""
    return None if isinstance(value, (_Text, _Number)) else value
