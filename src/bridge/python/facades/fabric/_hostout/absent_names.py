"""Names of Fabric that have no function here: modules can import them, but calling them is an error."""


def absent(module, name, instead):
    """A class that raises this error when it is called."""
    def refuse(self, *args, **kwargs):
        raise NotImplementedError("%s.%s is not supported: %s" % (module, name, instead))

    return type(name, (object,), {"__init__": refuse, "__module__": module})
