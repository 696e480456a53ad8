"""What fabfiles know as collective.hostout."""
