"""Probes with a limit, one at a time."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from functions.probe.deadline import Deadline
from functions.probe.result import Outcome, Result

# Seconds: both together leave room in the 2 s that Route 53 waits for a status, see
# dns-failover-determining-health-of-endpoints.html below
# docs.aws.amazon.com/Route53/latest/DeveloperGuide.
LIMIT = 1.2
PATIENCE = 0.4


class Probe(Protocol):
    """Asks a regional name; returns when it serves and raises when it does not."""

    def __call__(self, deadline: Deadline, /) -> None:
        """Probe once; ends soon after the deadline unless something hangs."""
        ...


class Flight(Protocol):
    """A probe under way."""

    def landed(self, seconds: float) -> bool:
        """Wait at most so many seconds and tell whether the probe has ended."""
        ...

    @property
    def error(self) -> BaseException | None:
        """What the probe raised; None when it went well, meaningful once it has ended."""
        ...


class ThreadFlight:
    """A probe in a thread, since nothing else can be left alone when a name's lookup hangs."""

    def __init__(self, probe: Callable[[], None]) -> None:
        self._ended = threading.Event()
        self._error: BaseException | None = None
        threading.Thread(target=self._run, args=(probe,), name="probe", daemon=True).start()

    def landed(self, seconds: float) -> bool:
        """Wait at most so many seconds and tell whether the probe has ended."""
        return self._ended.wait(seconds)

    @property
    def error(self) -> BaseException | None:
        """What the probe raised; None when it went well."""
        return self._error

    def _run(self, probe: Callable[[], None]) -> None:
        try:
            probe()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the probe has failed
            self._error = error
        finally:
            self._ended.set()


class Prober:
    """Runs a probe, and waits for it no longer than `limit` seconds.

    A probe that is late has failed, whatever comes of it. It is left alone, and no second one
    begins before it has ended: threads cannot pile up. Lambda freezes it between two requests, so
    each request gives it PATIENCE, time in which it can end.
    """

    def __init__(
        self,
        probe: Probe,
        launch: Callable[[Callable[[], None]], Flight] = ThreadFlight,
        *,
        limit: float = LIMIT,
    ) -> None:
        self._probe = probe
        self._launch = launch
        self._limit = limit
        self._hanging: Flight | None = None

    def __call__(self) -> Result:
        """Probe once, within `limit` and PATIENCE; `expired` when an earlier probe still hangs."""
        if self._hanging is not None and not self._hanging.landed(PATIENCE):
            return Result(Outcome.EXPIRED)
        self._hanging = flight = self._launch(partial(self._probe, Deadline(self._limit)))
        if not flight.landed(self._limit):
            return Result(Outcome.SLOW)
        self._hanging = None
        return Result.of(flight.error)
