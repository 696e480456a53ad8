"""Names of Fabric that cannot do anything here: modules import them, calls are refused."""


def absent(module, name, instead):
    """A class that says so when it is called."""
    def refuse(self, *args, **kwargs):
        raise NotImplementedError("%s.%s is not supported: %s" % (module, name, instead))

    return type(name, (object,), {"__init__": refuse, "__module__": module})
