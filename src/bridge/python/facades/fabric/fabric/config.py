"""Configuration of Fabric 2."""

from fabric.connection import Config
