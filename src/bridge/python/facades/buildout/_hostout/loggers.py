"""The loggers of zc.buildout's modules, which import this on first use."""

import logging

configparser = logging.getLogger("zc.buildout")
custom = logging.getLogger("zc.recipe.egg.custom")
easy_install = logging.getLogger("zc.buildout.easy_install")
