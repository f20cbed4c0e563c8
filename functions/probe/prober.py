"""Runs probes with a time limit, one at a time."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from functions.contract import PROBE_GRACE
from functions.probe.deadline import Deadline
from functions.probe.result import Outcome, Result

# Seconds. With PROBE_GRACE it has to stay below the 2 s in which Route 53 expects the HTTP status
# after the connection is made: docs.aws.amazon.com/Route53/latest/DeveloperGuide/
# dns-failover-determining-health-of-endpoints.html
LIMIT = 1.2


class Probe(Protocol):
    """A probe of a regional name: returns if it serves, raises if it does not."""

    def __call__(self, deadline: Deadline, /) -> None:
        """Probe once; ends soon after the deadline unless a system call hangs."""
        ...


class RunningProbe(Protocol):
    """A probe that was started."""

    def wait(self, seconds: float) -> bool:
        """Wait for at most `seconds`, and return whether the probe has ended."""
        ...

    @property
    def error(self) -> BaseException | None:
        """The exception of the probe, None if it succeeded; undefined before it has ended."""
        ...


class ThreadedProbe:
    """A probe in a daemon thread, which can be abandoned if a DNS lookup hangs."""

    def __init__(self, probe: Callable[[], None]) -> None:
        self._ended = threading.Event()
        self._error: BaseException | None = None
        threading.Thread(target=self._run, args=(probe,), name="probe", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for at most `seconds`, and return whether the probe has ended."""
        return self._ended.wait(seconds)

    @property
    def error(self) -> BaseException | None:
        """The exception of the probe; None if it succeeded or has not ended."""
        return self._error

    def _run(self, probe: Callable[[], None]) -> None:
        try:
            probe()
        except BaseException as error:  # noqa: BLE001 - any exception fails the probe, SystemExit too
            self._error = error
        finally:
            self._ended.set()


class Prober:
    """Runs a probe and waits at most `limit` seconds for it.

    A probe that exceeds the limit has failed, and is abandoned. No second one starts before it has
    ended, so that threads cannot accumulate. Lambda freezes the process between invocations, so
    each call first gives an abandoned probe PROBE_GRACE seconds to end.
    """

    def __init__(
        self,
        probe: Probe,
        launch: Callable[[Callable[[], None]], RunningProbe] = ThreadedProbe,
        *,
        limit: float = LIMIT,
    ) -> None:
        self._probe = probe
        self._launch = launch
        self._limit = limit
        self._unfinished: RunningProbe | None = None

    def __call__(self) -> Result:
        """Probe once, within `limit` + PROBE_GRACE; `expired` if an abandoned probe still runs."""
        if self._unfinished is not None and not self._unfinished.wait(PROBE_GRACE):
            return Result(Outcome.EXPIRED)
        self._unfinished = running = self._launch(partial(self._probe, Deadline(self._limit)))
        if not running.wait(self._limit):
            return Result(Outcome.SLOW)
        self._unfinished = None
        return Result.of(running.error)
