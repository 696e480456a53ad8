"""What commands give."""


class Result(object):

    def __init__(self, stdout="", stderr="", encoding="utf-8", command="", shell="", env=None, exited=0,
                 pty=False, hide=(), connection=None, where="this machine"):
        self.stdout = stdout
        self.stderr = stderr
        self.encoding = encoding
        self.command = command
        self.shell = shell
        self.env = env or {}
        self.exited = exited
        self.pty = pty
        self.hide = hide
        self.connection = connection
        self._where = where

    @property
    def return_code(self):
        return self.exited

    @property
    def ok(self):
        return self.exited == 0

    @property
    def failed(self):
        return not self.ok

    def __bool__(self):
        return self.ok

    def __str__(self):
        return "Command exited with status %s.\n=== stdout ===\n%s\n=== stderr ===\n%s" % (
            self.exited, self.stdout.rstrip() or "(no stdout)", self.stderr.rstrip() or "(no stderr)")

    def __repr__(self):
        return "<Result cmd=%r exited=%s>" % (self.command, self.exited)

    def tail(self, stream, count=10):
        return "\n\n" + "\n".join(getattr(self, stream).splitlines()[-count:])

    def failure_text(self):
        return "'%s' ended with status %s on %s." % (self.command, self.exited, self._where)


class Promise(Result):
    pass
