"""The decision whether to switch devices away from the watched region."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from functions.aws_client import CALL_SECONDS
from functions.contract import (
    FEWEST_FAILURES,
    PRIMARY_FAILING,
    PROBE_GRACE,
    PROBE_SECONDS,
)
from functions.probe.metrics import Metrics
from functions.probe.result import Outcome, Result
from functions.watcher.switch import PUT_SECONDS

# Seconds for a last probe, the lookup of the device name or the control probe after it, the states
# of the switch's alarm and of the history, and the put of the switch.
_RESERVE = 3 * (PROBE_SECONDS + PROBE_GRACE) + 2 * CALL_SECONDS + PUT_SECONDS


class Decision(StrEnum):
    """The result of a watch; all but `well` and `latched` are counted as outcomes in metrics."""

    WELL = "well"
    LATCHED = "latched"
    BLIND = "blind"
    """The own region's name fails too: the watcher is cut off, or no region can take over."""
    RETURNING = "returning"
    """The primary is well, and the answer may still follow its switch or a change of primary."""
    UNUSED = "unused"
    """A standby fails that no device uses, or of which that is not known."""
    NEW = "new"
    """The primary fails and has never been healthy: its first certificate may take an hour."""
    UNDECIDED = "undecided"
    """Too little of the function's timeout was left to decide."""


class HealthHistory(Protocol):
    """Which regions have been seen healthy."""

    def record(self, seconds_left: Callable[[], float], probe_seconds: float) -> None:
        """Record that the primary is healthy, and which standbys are."""
        ...

    def is_new(self, seconds_left: Callable[[], float]) -> bool:
        """Whether the primary has never been seen healthy."""
        ...


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Probes a region until it answers, or has failed `threshold` (at least 2) times in a row.

    The region is the primary, or a standby that another standby follows; a standby is switched away
    only while devices use it (`is_used`), since it could be missing when it is needed.

    After that, `switch` leads devices away; it raises if it cannot. A primary that answers while
    the device name leads to another region (`answer` fails) is switched away too, so that devices
    do not return by themselves, unless the switch itself may be the reason (`is_settled` is not
    true; None, if that is unknown, counts as a failure, since a `switch back` must not be undone by
    mistake). A
    primary that `history` has never seen healthy is not switched away: in the hour after the first
    deployment the standby's certificate may be served before the primary's. Nothing is switched
    while the own region fails (`own`). `interval` is the seconds between two probes.
    """

    primary: Callable[[], Result]
    own: Callable[[], Result]
    answer: Callable[[], Result]
    is_used: Callable[[], bool]
    is_settled: Callable[[], bool | None]
    switch: Callable[[], None]
    history: HealthHistory
    metrics: Metrics
    interval: float
    threshold: int
    sleep: Callable[[float], None] = _sleep

    def watch(self, seconds_left: Callable[[], float]) -> Decision:
        """Watch once; `seconds_left` returns the seconds until Lambda ends the function.

        Raises what `switch` raises, so that Lambda counts an error.
        """
        for failures in range(max(self.threshold, FEWEST_FAILURES)):
            pause = self.interval if failures else 0
            if seconds_left() < pause + _RESERVE:
                return self._stay(Decision.UNDECIDED, failing=failures > 0)
            if pause:
                self.sleep(pause)
            result = self.primary()
            self.metrics.probe(result)
            if result.outcome is Outcome.OK:
                return self._follow(seconds_left)
        if not self.is_used():
            return self._stay(Decision.UNUSED, failing=True)
        return self._decide(seconds_left)

    def _follow(self, seconds_left: Callable[[], float]) -> Decision:
        """Decide about a primary that answers: the device name may lead elsewhere all the same."""
        if self.answer().outcome is not Outcome.FAILED:
            self._put_metrics(failing=False, latched=False)
            self.history.record(seconds_left, PROBE_SECONDS + PROBE_GRACE)
            return Decision.WELL
        settled = self.is_settled()
        if not settled:
            return self._stay(Decision.RETURNING, failing=settled is None)
        return self._decide(seconds_left)

    def _decide(self, seconds_left: Callable[[], float]) -> Decision:
        control = self.own()
        if control.outcome is not Outcome.OK:
            return self._stay(Decision.BLIND, failing=True, cause=control.cause)
        if self.history.is_new(seconds_left):
            return self._stay(Decision.NEW, failing=True)
        latched = False
        try:
            self.switch()
            latched = True
        finally:
            self._put_metrics(failing=True, latched=latched)
        return Decision.LATCHED

    def _stay(self, decision: Decision, *, failing: bool, cause: str = "") -> Decision:
        self.metrics.count(decision, cause=cause)
        self._put_metrics(failing=failing, latched=False)
        return decision

    def _put_metrics(self, *, failing: bool, latched: bool) -> None:
        self.metrics.put({PRIMARY_FAILING: int(failing), "Latched": int(latched)})
