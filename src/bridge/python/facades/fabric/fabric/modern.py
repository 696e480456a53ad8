"""Names of Fabric 2."""

from fabric.config import Config
from fabric.connection import Connection
from fabric.executor import Executor
from fabric.group import Group, GroupResult, SerialGroup, ThreadingGroup
from fabric.runners import Remote, Result
from fabric.modern_tasks import ConnectionCall, Task, task
