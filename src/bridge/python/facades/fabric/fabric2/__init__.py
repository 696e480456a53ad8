"""Fabric 2 by the name that it has beside Fabric 1."""

from fabric.modern import *
