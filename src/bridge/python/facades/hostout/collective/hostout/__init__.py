"""The package collective.hostout, as fabfiles know it."""
