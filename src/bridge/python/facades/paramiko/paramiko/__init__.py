"""Exceptions of paramiko, for fabfiles that catch them; the connections belong to the engine."""

from paramiko.ssh_exception import *
from paramiko.ssh_exception import AuthenticationException, SSHException
