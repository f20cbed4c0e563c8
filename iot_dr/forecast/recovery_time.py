"""The predicted recovery time of devices: median, 99th percentile and bound."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final

from iot_dr.forecast.arrivals import Arrivals, own_cache, shared_cache
from iot_dr.forecast.back_off import longest_wait, next_wait
from iot_dr.forecast.detection import RARE, AnswerChange, answer_changes
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_term import Term, terms
from iot_dr.forecast.target import TargetVerdict, judge

_STEPS: Final = 300
"""Time steps up to about the last device; the error is a third of a percent of that time."""


_ENOUGH: Final = 0.9995
"""The fraction of the fleet after which the computation stops."""

_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds until 50 % and 99 % of the devices are back."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTime:
    """Seconds from the outage, over all outages and devices.

    `own_cache` and `shared_cache` assume that connections close and are refused at once; the bound,
    the sum of `terms`, also covers dropped packets.
    """

    own_cache: Percentiles
    shared_cache: Percentiles
    terms: tuple[Term, ...]

    @property
    def p50(self) -> float:
        """Seconds until 50 % of the devices are back, with the worse of the two caches."""
        return max(self.own_cache.p50, self.shared_cache.p50)

    @property
    def p99(self) -> float:
        """Seconds until 99 % of the devices are back, with the worse of the two caches."""
        return max(self.own_cache.p99, self.shared_cache.p99)

    @property
    def bound(self) -> float:
        """Seconds that no modelled case exceeds."""
        return sum(term.maximum for term in self.terms)

    def verdict(self, rto: float) -> TargetVerdict:
        """Return whether a target in seconds is met."""
        return judge(self.p99, self.bound, rto)

    @property
    def largest_term(self) -> Term:
        """The largest term of the bound."""
        return max(self.terms, key=lambda term: term.maximum)

    @property
    def largest_typical_term(self) -> Term:
        """The term with the largest maximum, except for terms that are typically 0.

        Those are mainly timeouts of dropped packets, which the percentiles do not include.
        """
        return max((term for term in self.terms if term.typical), key=lambda term: term.maximum)


@dataclass(frozen=True, slots=True)
class Returns:
    """When the devices of one outage are back, for each time at which the answer may have changed.

    An outcome is the fractions of the fleet by step, and the seconds of a step.
    """

    outcomes: tuple[tuple[Arrivals, float], ...]

    def first(self, devices: int) -> tuple[float, float]:
        """Return the seconds between which the first of a number of devices is back.

        One outage in a thousand is outside.
        """
        return self._span(1 - (1 - RARE) ** (1 / devices), 1 - RARE ** (1 / devices))

    def median(self, devices: int) -> tuple[float, float]:
        """Return the seconds between which half of a number of devices is back, as for `first`."""
        deviation = _NORMAL.inv_cdf(1 - RARE) * 0.5 / sqrt(devices)
        return self._span(max(0.0, 0.5 - deviation), min(1.0, 0.5 + deviation))

    def spread(self, devices: int) -> tuple[float, float]:
        """Return the seconds between the first and half of a number of devices, as for `first`."""
        (early, late), (soon, long) = self.first(devices), self.median(devices)
        return max(0.0, soon - late), long - early

    def _span(self, low: float, high: float) -> tuple[float, float]:
        """Return the seconds between which this fraction of the devices is back."""
        early = min(_back(outcome, low) for outcome in self.outcomes)
        return early, max(_back(outcome, high) for outcome in self.outcomes)


def returns(inputs: RecoveryInputs, failover: float, margin: float, *, is_shared: bool) -> Returns:
    """Return when devices are back if the answer changes `failover` seconds after the outage.

    It may have changed up to `margin` seconds sooner or later: next to a multiple of the TTL that
    decides whether devices need one TTL more. `is_shared`: they share resolvers that others keep
    warm.
    """
    outcomes: list[tuple[Arrivals, float]] = []
    for changed in (max(0.0, failover - margin), failover, failover + margin):
        step = _step(inputs, changed)
        (arrivals,) = (shared_cache if is_shared else own_cache)(inputs, [changed], step)
        outcomes.append((_accepted(arrivals, inputs, step), step))
    return Returns(tuple(outcomes))


def _back(outcome: tuple[Arrivals, float], part: float) -> float:
    """Return the seconds until this fraction of the devices is back."""
    arrivals, step = outcome
    share = part * sum(arrivals.parts)
    return (arrivals.begin + _percentile(arrivals.parts, share)) * step


def recovery_time(inputs: RecoveryInputs) -> RecoveryTime:
    """Return the predicted recovery time of a fleet."""
    likely = answer_changes(inputs)
    times = [failover.seconds for failover in likely]
    step = _step(inputs, times[-1])
    return RecoveryTime(
        own_cache=_percentiles(own_cache(inputs, times, step), likely, inputs, step),
        shared_cache=_percentiles(shared_cache(inputs, times, step), likely, inputs, step),
        terms=terms(inputs),
    )


def _step(inputs: RecoveryInputs, last_failover: float) -> float:
    """Return the seconds of a step; a TTL longer than one is a multiple of it."""
    wait = longest_wait(inputs.backoff_ceiling, last_failover + inputs.ttl)
    step = (last_failover + inputs.ttl + wait + inputs.fleet / inputs.connect_rate) / _STEPS
    return inputs.ttl / ceil(inputs.ttl / step) if inputs.ttl > step else step


def _percentiles(
    outages: Iterable[Arrivals], likely: Sequence[AnswerChange], inputs: RecoveryInputs, step: float
) -> Percentiles:
    """Mix the accepted devices of all outages by probability, and return the percentiles."""
    back: list[float] = []
    for arrivals, failover in zip(outages, likely, strict=True):
        let_in = _accepted(arrivals, inputs, step)
        missing = let_in.begin + len(let_in.parts) - len(back)
        back += [0.0] * max(0, missing)
        for at, part in enumerate(let_in.parts, let_in.begin):
            back[at] += failover.probability * part
    return Percentiles(_percentile(back, 0.5) * step, _percentile(back, 0.99) * step)


def _accepted(arrivals: Arrivals, inputs: RecoveryInputs, step: float) -> Arrivals:
    """Return when devices are accepted: `connect_rate` per second, modelled as a fluid.

    Refused devices back off with full jitter, spread evenly over their longest back-off.
    """
    room = inputs.connect_rate * step / inputs.fleet
    if max(arrivals.parts) <= room:
        return arrivals
    parts: list[float] = []
    changes: list[float] = [0.0]
    back = done = 0.0
    while done < _ENOUGH:
        at = len(parts)
        back += changes[at]
        present = back + (arrivals.parts[at] if at < len(arrivals.parts) else 0.0)
        parts.append(min(room, present))
        done += parts[at]
        wait = next_wait(inputs.backoff_ceiling, (arrivals.begin + at) * step)
        _spread(changes, present - parts[at], at + 1, max(1, round(wait / step)))
    return Arrivals(arrivals.begin, parts)


def _spread(changes: list[float], refused: float, begin: int, steps: int) -> None:
    missing = begin + steps + 1 - len(changes)
    if missing > 0:
        changes += [0.0] * missing
    changes[begin] += refused / steps
    changes[begin + steps] -= refused / steps


def _percentile(back: Sequence[float], part: float) -> float:
    """Return the step, with its fraction, until which this fraction of the devices is back."""
    done = 0.0
    for at, more in enumerate(back):
        if done + more >= part:
            return at + (part - done) / more
        done += more
    return float(len(back))
