"""Tasks are run by bin/hostout."""


class Executor(object):

    def __init__(self, *args, **kwargs):
        raise TypeError("Executor is not supported: bin/hostout runs the tasks.")
