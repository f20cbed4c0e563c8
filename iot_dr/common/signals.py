"""Ctrl-C and SIGTERM: when they end the program, and when they have to wait."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from iot_dr.bindings import is_warming_up

_DEFERRED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_KILLED_BY: Final = 128
_IMPORTS: Final = "<frozen importlib"
_AGAIN_SECONDS: Final = 0.02
_MOST_TIMES: Final = 250
_AT_ONCE = 3
# One order may come twice, as make passes on what its group was sent already.
_SAME_SECONDS = 1.0


def end_by_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP end the program as exceptions, but in the middle of no import.

    As exceptions, all of them leave no half-written file behind. What imports a module may lose
    one, or take it for a failure of its own; so it waits until that is done, for 5 s at most. One
    that this process was started to ignore stays ignored.
    """
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGALRM:
            came[:] = [number]
            left[:] = [_MOST_TIMES]
        if came and left[0] and _is_loading(frame):
            left[0] -= 1
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        elif came:
            _end(came.pop())

    left = [0]
    for number in _DEFERRED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, note)
    signal.signal(signal.SIGALRM, note)


def _is_loading(frame: FrameType | None) -> bool:
    """Tell whether a module is being imported, here or in the thread that warms up."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTS):
            return True
        frame = frame.f_back
    return is_warming_up()


def _end(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(_KILLED_BY + number)


@contextmanager
def deferred_signals(on_signal: Callable[[], None]) -> Generator[list[int]]:
    """Call `on_signal` at Ctrl-C, SIGTERM or SIGHUP, which take effect when the block has ended.

    Gives the list of the signals that came; the third takes effect at once, and what comes within
    a second of another counts as the same. An exception in the middle of handing out work would
    lose sight of what runs. Signals reach the main thread alone, so elsewhere nothing is deferred,
    and one that this process was started to ignore stays ignored.
    """
    came: list[int] = []
    last = float("-inf")

    def note(number: int, _frame: FrameType | None) -> None:
        nonlocal last
        previous, last = last, time.monotonic()
        if last - previous < _SAME_SECONDS:
            return
        came.append(number)
        if len(came) < _AT_ONCE:
            on_signal()
        else:
            restore()
            signal.raise_signal(number)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = {
        number: signal.signal(number, note)
        # One that came during an import is sent again as SIGALRM.
        for number in (*_DEFERRED, signal.SIGALRM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield came
    finally:
        restore()
        if came:
            signal.raise_signal(came[0])
