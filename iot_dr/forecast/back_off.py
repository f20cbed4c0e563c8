"""The remaining back-off of a device at a given time."""

from collections.abc import Sequence
from typing import Final

# A back-off that doubles from 1 s grows with the time since the outage: t seconds after it, the
# current back-off is t, 2t or 4.5t long, up to the ceiling. Fitted to the drill's simulation, in
# which the remaining time has p50 0.5t, p90 1.5t and p99 3.2t.
_GROWN: Final = ((1.0, 0.35), (2.0, 0.4), (4.5, 0.25))


def longest_waits(ceiling: float, after: float) -> Sequence[tuple[float, float]]:
    """Return the lengths of a back-off that is in progress `after` seconds, with probabilities.

    Shortest first. With full jitter the rest of a back-off of length c has the density 2(1 -
    x/c)/c.
    """
    if after >= ceiling:
        return ((ceiling, 1.0),)
    return tuple((min(ceiling, grown * after), weight) for grown, weight in _GROWN)


def longest_wait(ceiling: float, after: float) -> float:
    """Return the longest of the lengths that `longest_waits` returns."""
    return min(ceiling, _GROWN[-1][0] * after)


def next_wait(ceiling: float, after: float) -> float:
    """Return the longest back-off of a device that is refused `after` seconds."""
    return min(ceiling, 2 * after + 1)
