"""Several hosts: the command line of bin/hostout names them."""

from fabric.modern import Group, SerialGroup, ThreadingGroup
