"""Child processes that end with their parent."""

import ctypes
import os
import signal
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>


def die_with_parent() -> Callable[[], None]:
    """Return a `preexec_fn` for Popen with which a child ends with its parent.

    Linux then kills the child when the thread that started it ends (man 2 prctl, PR_SET_PDEATHSIG);
    on other systems nothing happens.
    """
    # Looked up before the fork: afterwards, a lock that another thread held is never released.
    prctl, parent = getattr(ctypes.CDLL(None), "prctl", None), os.getpid()
    number = int(signal.SIGKILL)

    def in_child() -> None:
        if prctl is None:
            return
        prctl(_SET_PARENT_DEATH_SIGNAL, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_child
