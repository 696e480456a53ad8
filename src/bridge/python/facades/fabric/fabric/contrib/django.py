"""Django's settings for fabfiles that import its modules."""

import os


def settings_module(module):
    os.environ["DJANGO_SETTINGS_MODULE"] = module


def project(name):
    settings_module("%s.settings" % name)
