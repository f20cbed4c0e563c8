"""Ctrl-C and SIGTERM while work runs that must not be dropped."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

_DEFERRED = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 3


@contextmanager
def deferred_signals(on_signal: Callable[[], None]) -> Generator[list[int]]:
    """Call `on_signal` at Ctrl-C or SIGTERM, and let them take effect when the block has ended.

    Gives the list of the signals that came; the third takes effect at once. An exception in the
    middle of handing out work would lose sight of what runs. Signals reach the main thread alone,
    so elsewhere nothing is deferred.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
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
    before = {number: signal.signal(number, note) for number in _DEFERRED}
    try:
        yield came
    finally:
        restore()
        if came:
            signal.raise_signal(came[0])
