"""How long a device that is backing off still waits when, at some moment, the answer is new."""

from collections.abc import Sequence
from typing import Final

# A back-off that doubles from 1 s has grown with the time that has passed: looked at after t
# seconds, the wait that is going on is t, 2t or 4.5t long, if the ceiling is not shorter. Fitted to
# the drill's simulation, where what is left of it has p50 0.5t, p90 1.5t and p99 3.2t.
_GROWN: Final = ((1.0, 0.35), (2.0, 0.4), (4.5, 0.25))


def longest_waits(ceiling: float, after: float) -> Sequence[tuple[float, float]]:
    """Return the lengths that a wait may have that is going on `after` seconds, likelihoods beside.

    The shortest is first. With full jitter the rest of a wait of length c has the density
    2(1 - x/c)/c.
    """
    if after >= ceiling:
        return ((ceiling, 1.0),)
    return tuple((min(ceiling, grown * after), weight) for grown, weight in _GROWN)


def longest_wait(ceiling: float, after: float) -> float:
    """Return the longest of these lengths."""
    return min(ceiling, _GROWN[-1][0] * after)


def next_wait(ceiling: float, after: float) -> float:
    """Return how long, at most, a device waits that is refused `after` seconds."""
    return min(ceiling, 2 * after + 1)
