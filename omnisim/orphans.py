"""No worker outlives the process that started it.

parent  --starts-->  worker: its work, and beside it a thread that waits for the parent's end and then ends the worker
"""

import multiprocessing
import os
import signal
import threading


def start_worker() -> None:
    """To be called first in a worker process: Ctrl-C is for the parent, and the parent's end is the worker's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(os.getppid(),), name="parent watch", daemon=True).start()


def _watch(parent_id: int) -> None:
    """Wait for the parent's end, however it comes, and end this process at once: nobody is left to hand a result to."""
    parent = multiprocessing.parent_process()
    while parent is None or parent.is_alive():
        if parent is None:
            threading.Event().wait(0.5)
        else:
            parent.join(0.5)
        if os.getppid() != parent_id:
            break
    os._exit(1)
