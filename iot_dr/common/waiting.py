"""Polling until a condition is met."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from iot_dr.common.user_error import UserError

OnWait = Callable[[float, str], None]
"""Progress callback: takes the seconds since the start, and what is still missing."""

_SHOWN_SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class PollLimits:
    """Limit and interval of polling in seconds, with a clock that tests can replace."""

    limit: float
    interval: float = 15.0
    clock: Callable[[], float] = field(default=time.monotonic)
    pause: Callable[[float], None] = field(default=time.sleep)


@dataclass
class ProgressReport:
    """Shows the progress of work, at most every ten seconds."""

    report: OnWait
    clock: Callable[[], float]
    _begun: float = field(init=False)
    _shown: float = field(init=False)

    def __post_init__(self) -> None:
        """Count from now."""
        self._begun = self._shown = self.clock()

    def show(self, text: str) -> None:
        """Report a text, unless another one was shown just now."""
        if (now := self.clock()) >= self._shown + _SHOWN_SECONDS:
            self._shown = now
            self.report(now - self._begun, text)


class WaitTimeoutError(UserError):
    """A condition was not met within the limit."""


def wait_until(
    missing: Callable[[], str], limits: PollLimits, on_wait: OnWait, *, in_a_row: int = 1
) -> float:
    """Poll until nothing is missing `in_a_row` times in a row; return the seconds it took.

    `missing` returns what is missing, "" for nothing. The first poll is immediate. Raises
    WaitTimeoutError, which says what is still missing, if the next poll would exceed the limit.
    """
    start, remaining = limits.clock(), in_a_row
    while True:
        problem = missing()
        remaining = in_a_row if problem else remaining - 1
        passed = limits.clock() - start
        if not remaining:
            return passed
        problem = problem or f"seen {in_a_row - remaining} of {in_a_row} times in a row"
        on_wait(passed, problem)
        if passed + limits.interval > limits.limit:
            raise WaitTimeoutError(f"not within {limits.limit / 60:.0f} minutes: {problem}")
        limits.pause(limits.interval)
