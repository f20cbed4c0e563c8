"""Concurrent calls with a common time limit."""

import time
from collections.abc import Callable, Hashable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from iot_dr.common.user_error import UserError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class CallTimeoutError(UserError):
    """A call did not end within the time limit."""


def gather(calls: Mapping[K, Callable[[], T]], seconds: float) -> dict[K, T | UserError]:
    """Call all functions at once; return each result, or the UserError that it raised.

    A call that is not done after `seconds` counts as a CallTimeoutError and is abandoned: a DNS
    lookup, for example, cannot be interrupted. Any other exception is raised here.
    """
    done: SimpleQueue[tuple[K, T | Exception]] = SimpleQueue()

    def run(key: K, call: Callable[[], T]) -> None:
        try:
            done.put((key, call()))
        except Exception as error:  # noqa: BLE001 - handed over to the caller, below
            done.put((key, error))

    for key, call in calls.items():
        # Daemon threads that hang do not keep the process from ending.
        Thread(target=run, args=(key, call), daemon=True).start()
    gathered: dict[K, T | UserError] = {}
    until = time.monotonic() + seconds
    while len(gathered) < len(calls):
        try:
            key, result = done.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        if isinstance(result, Exception) and not isinstance(result, UserError):
            raise result
        gathered[key] = result
    late = CallTimeoutError(f"no answer within {seconds:g} s")
    return {key: gathered.get(key, late) for key in calls}
