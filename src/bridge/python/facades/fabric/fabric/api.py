"""The names that `from fabric.api import *` imports."""

from fabric.context_managers import (cd, hide, lcd, path, prefix, quiet, remote_tunnel, settings,
                                     shell_env, show, warn_only)
from fabric.decorators import (hosts, parallel, roles, runs_once, serial, task, with_settings)
from fabric.operations import (get, local, open_shell, prompt, put, reboot, require, run, sudo)
from fabric.state import env, output
from fabric.tasks import execute
from fabric.utils import abort, fastprint, puts, warn
