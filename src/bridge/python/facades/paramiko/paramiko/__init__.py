"""Exceptions of paramiko, for fabfiles that catch them: the connections are the engine's."""

from paramiko.ssh_exception import *
from paramiko.ssh_exception import AuthenticationException, SSHException
