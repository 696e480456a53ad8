"""Keywords that have a meaning in Fabric or Invoke, but not here, are errors."""


def refuse(name, keywords, instead=None):
    """Raises TypeError for the first of these that is not None. `instead`: keyword -> what to do."""
    for keyword, value in keywords.items():
        if value is None:
            continue
        if instead is None or keyword not in instead:
            raise TypeError("%s() got an unexpected keyword argument '%s'" % (name, keyword))
        raise TypeError("%s() does not support %s= here: %s" % (name, keyword, instead[keyword]))
