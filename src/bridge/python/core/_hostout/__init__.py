"""The worker's own modules, on which the facades (zc.buildout, ...) are built."""
