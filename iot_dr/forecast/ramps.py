"""Parts of a fleet that fall in straight lines to zero, added up over the steps of a grid."""

from collections.abc import Iterator


class Ramps:
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
        """Give the sum in the next step, and go on to the one after it."""
        self._slope += self._bends[self._at]
        self._value += self._slope + self._jumps[self._at]
        self._at += 1
        return self._value

    def rest(self) -> Iterator[float]:
        """Give the sums in all steps that are still to come, and stay where it is."""
        value, slope = self._value, self._slope
        for jump, bend in zip(self._jumps[self._at :], self._bends[self._at :], strict=True):
            slope += bend
            value += slope + jump
            yield value
