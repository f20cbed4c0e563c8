"""Polling until a condition is met."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from iot_dr.common.user_error import UserError

OnWait = Callable[[float, str], None]
"""Progress callback: takes the seconds since the start, and what is still missing."""


@dataclass(frozen=True, kw_only=True)
class PollLimits:
    """Limit and interval of polling in seconds, with a clock that tests can replace."""

    limit: float
    interval: float = 15.0
    clock: Callable[[], float] = field(default=time.monotonic)
    pause: Callable[[float], None] = field(default=time.sleep)


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
