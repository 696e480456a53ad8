"""Runs zc.buildout again and again without starting Python each time.

Each line on standard input is a request: {"directory": ..., "arguments": [...], "output": FILE}. The response is a
line with the exit status; FILE contains the output of the run.
"""

import json
import os
import sys

import pkg_resources  # noqa: F401  Loaded here, each run has it.
import zc.buildout.buildout


def run(request):
    descriptor = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(request["directory"])
    os.environ["HOME"] = os.environ["PWD"] = request["directory"]
    sys.argv[:] = ["buildout"] + request["arguments"]
    try:
        zc.buildout.buildout.main(request["arguments"])
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = run(json.loads(line))
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


main()
