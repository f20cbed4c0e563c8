"""Several questions asked at once, none of which is waited for beyond a time limit."""

import time
from collections.abc import Callable, Hashable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from iot_dr.common.user_error import UserError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class LateError(UserError):
    """There was no answer within the time limit."""


def gather(calls: Mapping[K, Callable[[], T]], seconds: float) -> dict[K, T | UserError]:
    """Call all at once and give what each gave, or the UserError that tells why it did not.

    One that is not done after `seconds` counts as a LateError and is left alone: a name that
    is being looked up, for one, cannot be interrupted. Any other exception is raised here.
    """
    done: SimpleQueue[tuple[K, T | Exception]] = SimpleQueue()

    def run(key: K, call: Callable[[], T]) -> None:
        try:
            done.put((key, call()))
        except Exception as error:  # noqa: BLE001 - handed over to the caller, below
            done.put((key, error))

    for key, call in calls.items():
        # As daemons, those that hang do not keep the process from ending.
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
    late = LateError(f"no answer within {seconds:g} s")
    return {key: gathered.get(key, late) for key in calls}
