"""Concurrent queries with a time limit."""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from dns.exception import DNSException

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import CredentialsError
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.status.unknown import UnknownValue

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

_FAILURES = (DNSException, OSError, UserError)


class BackgroundTask(Generic[T]):
    """Work in a daemon thread, without a time limit; the process does not wait for it at exit."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._future: Future[T] = Future()
        Thread(target=self._run, args=(work,), daemon=True).start()

    def result(self) -> T:
        """Wait for the result of the work, or raise its exception."""
        return self._future.result()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            self._future.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised where the result is taken
            self._future.set_exception(error)


def query_all(works: Mapping[K, Callable[[], T]], seconds: float) -> dict[K, T | UnknownValue]:
    """Call all functions at once; return each answer, or UnknownValue for a failure or a timeout.

    Failures of a source (DNS, OSError, UserError) become UnknownValue; any other exception is a
    defect of this program and is raised.
    """
    answers = gather({key: _guarded(work) for key, work in works.items()}, seconds)
    return {
        key: UnknownValue.because(answer) if isinstance(answer, UserError) else answer
        for key, answer in answers.items()
    }


def first_answer(works: Iterable[Callable[[], T]], seconds: float) -> T | UnknownValue:
    """Call all functions at once; return the first answer.

    Unknown if none answers within `seconds`, or all fail; then with the reason of the last one.
    """
    answers: SimpleQueue[T | UnknownValue] = SimpleQueue()
    ends = time.monotonic() + seconds
    threads = [Thread(target=_put, args=(_guarded(work), answers), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    last: T | UnknownValue = UnknownValue("there is nobody to ask")
    for _ in threads:
        try:
            last = answers.get(timeout=max(ends - time.monotonic(), 0.0))
        except Empty:
            return UnknownValue(f"no answer within {seconds:g} s")
        if not isinstance(last, UnknownValue):
            break
    return last


def _put(work: Callable[[], T | UnknownValue], answers: "SimpleQueue[T | UnknownValue]") -> None:
    answers.put(work())


def _guarded(work: Callable[[], T]) -> Callable[[], T | UnknownValue]:
    def guarded() -> T | UnknownValue:
        try:
            return work()
        except CredentialsError as error:
            # All calls fail alike: without the part that names the call, the message is shown once.
            return UnknownValue(str(error).partition(": ")[2])
        except _FAILURES as error:
            return UnknownValue.because(error)

    return guarded
