"""The recipe `zc.buildout:debug` as a class."""

from zc.buildout.formats import print_


class Debug(object):
    """Prints its options."""

    def __init__(self, buildout, name, options):
        self.buildout, self.name, self.options = buildout, name, options

    def install(self):
        for option, value in sorted(self.options.items()):
            print_("  %s=%r" % (option, value))
        return ()

    update = install
