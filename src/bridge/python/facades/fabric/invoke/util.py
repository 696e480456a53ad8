"""A few names of Invoke's that fabfiles import."""

import logging

log = logging.getLogger("invoke")
debug = log.debug
