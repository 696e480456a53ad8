"""Several connections as one."""

import threading

from fabric.connection import Connection
from fabric.exceptions import GroupException


class GroupResult(dict):
    """Connection -> what it returned, or the exception that it raised."""

    @property
    def succeeded(self):
        return {key: value for key, value in self.items() if not isinstance(value, BaseException)}

    @property
    def failed(self):
        return {key: value for key, value in self.items() if isinstance(value, BaseException)}


class Group(list):

    def __init__(self, *hosts, **kwargs):
        super().__init__(Connection(each, **kwargs) for each in hosts)

    @classmethod
    def from_connections(cls, connections):
        made = cls()
        made.extend(connections)
        return made

    def _do(self, method, *args, **kwargs):
        raise NotImplementedError

    def run(self, *args, **kwargs):
        return self._do("run", *args, **kwargs)

    def sudo(self, *args, **kwargs):
        return self._do("sudo", *args, **kwargs)

    def put(self, *args, **kwargs):
        return self._do("put", *args, **kwargs)

    def get(self, *args, **kwargs):
        """By default, into a directory for each host."""
        if len(args) < 2:
            kwargs.setdefault("local", "{host}/")
        return self._do("get", *args, **kwargs)

    def close(self):
        for each in self:
            each.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _tried(connection, method, args, kwargs, results):
    try:
        results[connection] = getattr(connection, method)(*args, **kwargs)
    except Exception as error:
        results[connection] = error


def _judged(results):
    if results.failed:
        raise GroupException(results)
    return results


class SerialGroup(Group):

    def _do(self, method, *args, **kwargs):
        results = GroupResult()
        for each in self:
            _tried(each, method, args, kwargs, results)
        return _judged(results)


class ThreadingGroup(Group):

    def _do(self, method, *args, **kwargs):
        results = GroupResult()
        threads = [threading.Thread(target=_tried, args=(each, method, args, kwargs, results)) for each in self]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return _judged(results)
