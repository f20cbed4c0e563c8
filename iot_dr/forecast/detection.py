"""When Route 53 changes its answer, if each probe of the lost region is refused at once."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb
from typing import Final

from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.route53.check import is_healthy_by_checkers
from modules.function_limits import CHECKERS

FAILING: Final = next(
    failing
    for failing in range(CHECKERS + 1)
    if not is_healthy_by_checkers(CHECKERS - failing, CHECKERS)
)
"""Checkers that must fail, 14: with 3 of 16 more than 18 % report healthy, with 2 not."""

AGGREGATION: Final = (5.0, 10.0)
"""Seconds from the checkers' results to the changed answer: assumed, AWS documents none."""

EVALUATION_DELAY: Final = 5.0
"""Seconds from a period's end until its alarm is evaluated: assumed.

AWS documents how periods are evaluated, not the delay: docs.aws.amazon.com/AmazonCloudWatch/
latest/monitoring/alarm-evaluation.html
"""

RARE: Final = 0.0005
"""Probability of a shorter time than a term's minimum; so rare a sample is not a deviation."""

# Separate points for the tails: 3 % of outages that take one more TTL decide the 99th percentile.
_POINTS: Final = ((0.01, 0.02), *((0.08 + 0.12 * n, 0.12) for n in range(8)), (0.99, 0.02))
_PARTS: Final = tuple((n + 0.5) / 8 for n in range(8))


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """The answer changes `seconds` after the outage, with this probability."""

    seconds: float
    probability: float


def answer_changes(inputs: RecoveryInputs) -> tuple[AnswerChange, ...]:
    """Return when the answer may change, earliest first; the probabilities add up to 1.

    It changes after the last required failure of the 14th of 16 checkers, each with its own phase.
    A deep check fails only once the canary's last good result is too old.
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
    """Return equally likely fractions of the interval until the 14th of 16 checkers probes."""
    return tuple(checkers_part((n + 0.5) / 16) for n in range(16))


def checkers_part(probability: float) -> float:
    """Return a quantile of the fraction of the interval until the 14th of 16 checkers probes."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _seen_by(middle) < probability else (low, middle)
    return (low + high) / 2


def _seen_by(part: float) -> float:
    """Return the probability that enough checkers have probed within a fraction of the interval."""
    return sum(
        comb(CHECKERS, n) * part**n * (1 - part) ** (CHECKERS - n)
        for n in range(FAILING, CHECKERS + 1)
    )
