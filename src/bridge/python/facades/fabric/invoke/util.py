"""A few names of Invoke that fabfiles import."""

import logging
from collections import namedtuple

log = logging.getLogger("invoke")
debug = log.debug

ExceptionWrapper = namedtuple("ExceptionWrapper", "kwargs type value traceback")
