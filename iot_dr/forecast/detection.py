"""When the answer flips, for links that close: each probe of the dead region is refused at once."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb
from typing import Final

from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.route53.check import is_healthy_by_checkers

CHECKERS: Final = 16
"""Checkers of one health check; the rehearsal's number, AWS documents at least 3 regions' worth."""

FAILING: Final = next(
    failing
    for failing in range(CHECKERS + 1)
    if not is_healthy_by_checkers(CHECKERS - failing, CHECKERS)
)
"""How many must fail, 14: with 3 of 16 left, more than 18 % say healthy, with 2 no longer."""

AGGREGATION: Final = (5.0, 10.0)
"""Seconds from the checkers' verdict to the changed answer: assumed, AWS documents none."""

# The tails are points of their own: 3 % of outages that need one TTL more make the 99th percentile.
_POINTS: Final = ((0.01, 0.02), *((0.08 + 0.12 * n, 0.12) for n in range(8)), (0.99, 0.02))
_PARTS: Final = tuple((n + 0.5) / 8 for n in range(8))


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """The answer changes so many seconds after the outage, with this probability."""

    seconds: float
    probability: float


def answer_changes(inputs: RecoveryInputs) -> tuple[AnswerChange, ...]:
    """Return when the answer may flip, the earliest first; the probabilities add up to 1.

    The 14th of 16 checkers, each with a phase of its own, fails for the last time that it takes;
    a deep check begins to fail when the canary's last good result is too old to be told.
    """
    early, late = AGGREGATION
    counted = (inputs.threshold - 1) * inputs.interval
    times = sorted(
        counted + part * inputs.interval + early + wait * (late - early) + age * inputs.canary_age
        for part, wait, age in product(
            _checker_parts(), _PARTS, _PARTS if inputs.canary_age else (0,)
        )
    )
    return tuple(AnswerChange(times[int(place * len(times))], weight) for place, weight in _POINTS)


@cache
def _checker_parts() -> tuple[float, ...]:
    """Return parts of the interval after which the 14th of 16 checkers probes, equally likely."""
    return tuple(_quantile((n + 0.5) / 16) for n in range(16))


def _quantile(probability: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _seen_by(middle) < probability else (low, middle)
    return (low + high) / 2


def _seen_by(part: float) -> float:
    """Return how likely enough of the checkers have probed within a part of the interval."""
    return sum(
        comb(CHECKERS, n) * part**n * (1 - part) ** (CHECKERS - n)
        for n in range(FAILING, CHECKERS + 1)
    )
