"""The end of a process when the one that started it is gone."""

import ctypes
import os
import signal
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>


def dying_with_parent() -> Callable[[], None]:
    """Return what a child calls before its program begins, as Popen's `preexec_fn`.

    Linux then kills it when the thread that started it ends; elsewhere it is left alone.
    """
    # Whatever could take a lock is looked up before the fork.
    prctl, parent = getattr(ctypes.CDLL(None), "prctl", None), os.getpid()
    number = int(signal.SIGKILL)

    def in_child() -> None:
        if prctl is None:
            return
        prctl(_SET_PARENT_DEATH_SIGNAL, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_child
