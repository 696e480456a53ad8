"""Refusals of the engine, as the exceptions of Python and paramiko that Fabric 2 raises."""

import contextlib
import errno
import os
import socket

from fabric.exceptions import NetworkError, Refused


def _file_error(number):
    return lambda message: OSError(number, os.strerror(number))


def _unreachable(message):
    """Its text comes from the engine; paramiko's class needs the addresses that were tried."""
    from paramiko import ssh_exception

    return ssh_exception.NoValidConnectionsError({("the host", 0): ConnectionError(message)})


def _ssh(name):
    """A class of paramiko; the original if that is installed, for `except` clauses in fabfiles."""
    def made(message):
        from paramiko import ssh_exception

        return getattr(ssh_exception, name)(message)

    return made


# Kind of refusal, as in src/bridge/refusal.ts -> function of the message.
MODERN = {}
MODERN["authentication"] = _ssh("AuthenticationException")
MODERN["missing-file"] = _file_error(errno.ENOENT)
MODERN["no-such-host"] = lambda message: socket.gaierror(socket.EAI_NONAME, message)
MODERN["not-permitted"] = _file_error(errno.EACCES)
MODERN["ssh"] = _ssh("SSHException")
MODERN["transfer-failed"] = OSError
MODERN["unreachable"] = _unreachable


@contextlib.contextmanager
def translated():
    """If nobody catches the exception, it is still the engine's error to the user."""
    try:
        yield
    except (NetworkError, Refused) as refused:
        if refused.kind not in MODERN:
            raise
        found = MODERN[refused.kind](str(refused))
        found._engine_error = refused._engine_error
        raise found.with_traceback(refused.__traceback__) from None
