"""Threads whose exceptions are not lost."""

import threading


class ThreadHandler(object):

    def __init__(self, name, callable, *args, **kwargs):
        self.exception = None
        self.thread = threading.Thread(target=self._run, name=name, args=(callable, args, kwargs), daemon=True)
        self.thread.start()

    def _run(self, function, args, kwargs):
        try:
            function(*args, **kwargs)
        except BaseException as error:
            self.exception = error

    def raise_if_needed(self):
        if self.exception is not None:
            raise self.exception
