"""The worker's own side: what the facades (zc.buildout, ...) stand on."""
