"""What tests of recipes use of zc.buildout's own tests."""

import re

from _hostout import absent, imported

normalize_bang = re.compile("#!.+"), "#!/usr/local/bin/python2.7"

absent.fill(__name__, globals())
imported.fill(__name__, globals())
