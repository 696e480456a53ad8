"""Fabric 2 under the name that it has next to Fabric 1."""

from fabric.modern import *
