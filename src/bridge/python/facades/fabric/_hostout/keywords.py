"""Keywords that mean something to Fabric or Invoke, and nothing here, are errors."""


def refuse(name, keywords):
    """Raises TypeError for the first of these; None is as good as not given."""
    for keyword, value in keywords.items():
        if value is not None:
            raise TypeError("%s() got an unexpected keyword argument '%s'" % (name, keyword))
