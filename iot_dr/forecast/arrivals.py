"""When devices first ask the standby, as parts of the fleet in each step of a grid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from iot_dr.forecast.back_off import longest_wait, longest_waits
from iot_dr.forecast.recovery_inputs import RecoveryInputs

# Seconds after the outage at which a device asks the DNS: its first back-off is up to 1 s long.
_FIRST_ASKED: Final = 0.5
_NOBODY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The parts of the fleet that arrive in the steps from `begin` on."""

    begin: int
    parts: Sequence[float]


class _Ramps:
    """A sum of falling ramps, read step by step; what is left of a random wait is such a ramp.

    Of a ramp only its jump and its two bends are noted, so its length costs nothing.
    """

    def __init__(self, steps: int) -> None:
        """Take the last step on which a ramp may end."""
        self._jumps = [0.0] * (steps + 3)
        self._bends = [0.0] * (steps + 3)
        self._at = 0
        self._value = 0.0
        self._slope = 0.0

    def add(self, part: float, begin: int, length: int) -> None:
        """Add `part` of the fleet, from step `begin` on, over `length` steps."""
        slope = 2 * part / (length * (length + 1))
        self._jumps[begin] += length * slope
        self._bends[begin + 1] -= slope
        self._bends[begin + length + 1] += slope

    def take(self) -> float:
        """Return the sum in the next step, and go on to the one after it."""
        self._slope += self._bends[self._at]
        self._value += self._slope + self._jumps[self._at]
        self._at += 1
        return self._value

    def rest(self) -> Iterator[float]:
        """Yield the sums in all steps that are still to come, and stay where it is."""
        value, slope = self._value, self._slope
        for jump, bend in zip(self._jumps[self._at :], self._bends[self._at :], strict=True):
            slope += bend
            value += slope + jump
            yield value


def own_cache(inputs: RecoveryInputs, flips: Sequence[float], step: float) -> Iterator[Arrivals]:
    """Yield the arrivals for each time at which the answer flips, which ascend, in seconds.

    A device with a cache of its own asks the DNS at once, keeps the dead region for a TTL, waits
    out its back-off and asks again, until the answer is another.
    """
    ttl = max(1, round(inputs.ttl / step))
    first = int(_FIRST_ASKED / step)
    # A step may be longer than a TTL, and waits grow with what has passed.
    last = max(first + 1, round(flips[-1] / step)) + ttl
    longest = longest_wait(inputs.backoff_ceiling, last * step)
    asks = _Ramps(last + _steps(longest, step))
    asks.add(1.0, first, 1)
    now = 0
    for flip in flips:
        flipped = max(first + 1, round(flip / step))
        for at in range(now, flipped):
            if (part := asks.take()) > _NOBODY:
                _ask_again(asks, part, at + ttl, inputs, step)
        now = flipped
        yield Arrivals(flipped, list(asks.rest()))


def shared_cache(inputs: RecoveryInputs, flips: Sequence[float], step: float) -> Iterator[Arrivals]:
    """Yield the arrivals for each time of the flip behind a resolver that others keep warm.

    It hears of the flip within a TTL, at any moment of it; then a device waits out its back-off.
    """
    for flip in flips:
        waits = longest_waits(inputs.backoff_ceiling, flip + inputs.ttl / 2)
        begin = round(flip / step)
        count = ceil((inputs.ttl + waits[-1][0]) / step)
        until = [
            sum(weight * _arrived(end * step, inputs.ttl, wait) for wait, weight in waits)
            for end in range(count + 1)
        ]
        yield Arrivals(begin, [late - early for early, late in pairwise(until)])


def _ask_again(
    asks: _Ramps, part: float, expired: int, inputs: RecoveryInputs, step: float
) -> None:
    for wait, weight in longest_waits(inputs.backoff_ceiling, expired * step):
        asks.add(part * weight, expired, _steps(wait, step))


def _arrived(seconds: float, ttl: float, wait: float) -> float:
    """Return the part whose uniform phase in the TTL and rest of a wait are over by then."""
    return (_over(seconds, wait) - _over(seconds - ttl, wait)) / ttl


def _over(seconds: float, wait: float) -> float:
    """Return the integral of the part of the rests of waits that are over by then."""
    if seconds <= 0:
        return 0.0
    if seconds >= wait:
        return seconds - wait / 3
    return seconds**2 / wait - seconds**3 / (3 * wait**2)


def _steps(seconds: float, step: float) -> int:
    return max(1, round(seconds / step))
