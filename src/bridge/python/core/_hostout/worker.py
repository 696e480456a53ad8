"""The life of a worker."""

import faulthandler
import gc
import importlib
import os
import sys
import threading
import time

from _hostout import channel, facades, failure, log, search_path


def _end_with(parent):
    """Ends the process when its parent has ended without notice, whatever is running here."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def run(requests, start):
    """Serves until the engine closes its end. Returns the exit status."""
    # If the interpreter crashes, the engine reads where.
    faulthandler.enable(file=4)
    # Parts that refer to each other lead to nested calls.
    sys.setrecursionlimit(6000)
    sys.excepthook = failure.excepthook
    sys.argv = [start["program"]]
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    search_path.start()
    facades.start(start["facades"])
    handlers = importlib.import_module(start["serves"]).HANDLERS
    conversation = channel.open_channel(requests, handlers)
    if "level" in start:
        log.start(start["level"])
    # These objects stay: nobody need look for garbage among them, least of all at the end.
    gc.freeze()
    conversation.answer(0, list(sys.version_info[:3]))
    try:
        conversation.serve()
    except KeyboardInterrupt:
        # The engine was interrupted as well and reports it.
        os._exit(130)
    return 0
