"""Ctrl-C and SIGTERM while work runs that must not be dropped."""

import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

_DEFERRED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 3
# One order may come twice, as make passes on what its group was sent already.
_SAME_SECONDS = 1.0


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
        for number in _DEFERRED
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield came
    finally:
        restore()
        if came:
            signal.raise_signal(came[0])
