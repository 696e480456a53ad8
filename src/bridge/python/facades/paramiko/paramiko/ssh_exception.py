"""SSH exceptions with paramiko's names."""


class SSHException(Exception):
    pass


class AuthenticationException(SSHException):
    pass


class PasswordRequiredException(AuthenticationException):
    pass


class BadAuthenticationType(AuthenticationException):
    pass


class BadHostKeyException(SSHException):
    pass


class ChannelException(SSHException):
    pass


class NoValidConnectionsError(OSError):
    """`errors`: an exception for each address."""

    def __init__(self, errors):
        super().__init__(None, "; ".join(str(each) for each in errors.values()))
        self.errors = errors
