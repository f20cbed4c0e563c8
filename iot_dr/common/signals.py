"""Ctrl-C, SIGTERM and SIGHUP: as exceptions, or deferred to the end of a block."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from iot_dr.bindings import is_warming_up

ENDING: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""Signals with which people and their terminals end a program."""

KILLED_BY: Final = 128
"""What a shell adds to the number of a signal that ended a command."""
_IMPORTS: Final = "<frozen importlib"
_AGAIN_SECONDS: Final = 0.02
_MOST_TIMES: Final = 250
_AT_ONCE = 3
# make forwards a signal that its whole process group has received already.
_SAME_SECONDS = 1.0


def end_by_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP end the program as exceptions, but not during an import.

    As exceptions they leave no half-written file. An importing module might swallow one or report
    it as its own failure, so it is delayed until the import has ended, at most 5 s. A signal that
    this process was started to ignore stays ignored.
    """
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGALRM:
            received[:] = [number]
            left[:] = [_MOST_TIMES]
        if received and left[0] and _is_loading(frame):
            left[0] -= 1
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        elif received:
            _end(received.pop())

    left = [0]
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, note)
    signal.signal(signal.SIGALRM, note)


def _is_loading(frame: FrameType | None) -> bool:
    """Whether a module is being imported, here or in the warm-up thread."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTS):
            return True
        frame = frame.f_back
    return is_warming_up()


def _end(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(KILLED_BY + number)


@contextmanager
def handlers_restored() -> Generator[Collection[int]]:
    """Yield the signals that an event loop may handle, and restore their handlers after the block.

    Event loops leave their own or the default ones. A signal that this process was started to
    ignore is not among them.
    """
    handlers = {
        number: handler
        for number in ENDING
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN
    }
    try:
        yield handlers
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@dataclass
class Orders:
    """The signals that count as orders to stop: not those within a second of another signal."""

    numbers: list[int] = field(default_factory=list[int])
    _last: float = float("-inf")

    def note(self, number: int, at: float) -> bool:
        """Record a signal received at `at` seconds; return whether it counts."""
        previous, self._last = self._last, at
        is_another = at - previous >= _SAME_SECONDS
        if is_another:
            self.numbers.append(number)
        return is_another


@contextmanager
def deferred_signals(on_signal: Callable[[], None]) -> Generator[list[int]]:
    """Call `on_signal` at Ctrl-C, SIGTERM or SIGHUP, which take effect after the block.

    Yields the list of received signals, of which the first takes effect. The third takes effect at
    once; a signal within a second of another does not count. Without this, an exception while
    work is handed out would lose track of running work. Python delivers signals to the main thread
    only, so in other threads nothing is deferred. A signal that this process was started to ignore
    stays ignored.
    """
    orders = Orders()

    def note(number: int, _frame: FrameType | None) -> None:
        if not orders.note(number, time.monotonic()):
            return
        if len(orders.numbers) < _AT_ONCE:
            on_signal()
        else:
            restore()
            signal.raise_signal(number)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    if threading.current_thread() is not threading.main_thread():
        yield orders.numbers
        return
    before = {
        number: signal.signal(number, note)
        # A signal during an import is sent again as SIGALRM.
        for number in (*ENDING, signal.SIGALRM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield orders.numbers
    finally:
        restore()
        if orders.numbers:
            signal.raise_signal(orders.numbers[0])
