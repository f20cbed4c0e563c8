"""When devices first connect to the standby, as fractions of the fleet per time step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from iot_dr.forecast.back_off import longest_wait, longest_waits
from iot_dr.forecast.recovery_inputs import RecoveryInputs

# Seconds from the outage to a device's first DNS query: its first back-off is up to 1 s long.
_FIRST_ASKED: Final = 0.5
_NOBODY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The fractions of the fleet that arrive in the steps from `begin` on."""

    begin: int
    parts: Sequence[float]


class _Ramps:
    """A sum of falling ramps, read step by step; the rest of a random wait has such a density.

    Only a ramp's jump and two changes of slope are stored, so its length costs nothing.
    """

    def __init__(self, steps: int) -> None:
        """Create an empty sum; `steps` is the last step on which a ramp may end."""
        self._jumps = [0.0] * (steps + 3)
        self._bends = [0.0] * (steps + 3)
        self._at = 0
        self._value = 0.0
        self._slope = 0.0

    def add(self, part: float, begin: int, length: int) -> None:
        """Add a fraction `part` of the fleet from step `begin` on, over `length` steps."""
        slope = 2 * part / (length * (length + 1))
        self._jumps[begin] += length * slope
        self._bends[begin + 1] -= slope
        self._bends[begin + length + 1] += slope

    def take(self) -> float:
        """Return the sum in the next step, and advance."""
        self._slope += self._bends[self._at]
        self._value += self._slope + self._jumps[self._at]
        self._at += 1
        return self._value

    def rest(self) -> Iterator[float]:
        """Yield the sums in all remaining steps, without advancing."""
        value, slope = self._value, self._slope
        for jump, bend in zip(self._jumps[self._at :], self._bends[self._at :], strict=True):
            slope += bend
            value += slope + jump
            yield value


def own_cache(
    inputs: RecoveryInputs, failovers: Sequence[float], step: float
) -> Iterator[Arrivals]:
    """Yield the arrivals for each change of the answer (ascending, in seconds).

    A device with its own cache queries DNS at once, keeps the lost region's address for a TTL,
    waits for its back-off and queries again, until the answer has changed.
    """
    ttl = max(1, round(inputs.ttl / step))
    first = int(_FIRST_ASKED / step)
    # A step may be longer than a TTL, and back-offs grow with the time since the outage.
    last = max(first + 1, round(failovers[-1] / step)) + ttl
    longest = longest_wait(inputs.backoff_ceiling, last * step)
    asks = _Ramps(last + _steps(longest, step))
    asks.add(1.0, first, 1)
    now = 0
    for failover in failovers:
        moved = max(first + 1, round(failover / step))
        for at in range(now, moved):
            if (part := asks.take()) > _NOBODY:
                _ask_again(asks, part, at + ttl, inputs, step)
        now = moved
        yield Arrivals(moved, list(asks.rest()))


def shared_cache(
    inputs: RecoveryInputs, failovers: Sequence[float], step: float
) -> Iterator[Arrivals]:
    """Yield the arrivals for each change of the answer, behind a shared resolver.

    The resolver's entry expires at a uniform time within a TTL; then a device waits for the rest of
    its back-off.
    """
    for failover in failovers:
        waits = longest_waits(inputs.backoff_ceiling, failover + inputs.ttl / 2)
        begin = round(failover / step)
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
    """Return the fraction whose TTL and rest of a back-off are over after `seconds`."""
    return (_over(seconds, wait) - _over(seconds - ttl, wait)) / ttl


def _over(seconds: float, wait: float) -> float:
    """Return the integral, up to `seconds`, of the fraction of back-offs that are over."""
    if seconds <= 0:
        return 0.0
    if seconds >= wait:
        return seconds - wait / 3
    return seconds**2 / wait - seconds**3 / (3 * wait**2)


def _steps(seconds: float, step: float) -> int:
    return max(1, round(seconds / step))
