"""Commands on this machine."""

from invoke.local import run_local


class Context(object):

    def __init__(self, config=None):
        self.config = config

    def run(self, command, **kwargs):
        return run_local(command, **kwargs)

    def sudo(self, command, **kwargs):
        return run_local("sudo " + command, **kwargs)


class MockContext(Context):
    pass
