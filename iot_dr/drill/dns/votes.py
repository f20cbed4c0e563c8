"""What the checkers of one endpoint say, and what Route 53 makes of it."""

from iot_dr.forecast.detection import CHECKERS
from iot_dr.route53.check import is_healthy_by_checkers
from modules.checker_regions import CHECKER_REGIONS


def checker_region(checker: int) -> str:
    """Give the region of a checker by its number; two stand in each, which AWS does not tell."""
    return CHECKER_REGIONS[checker % len(CHECKER_REGIONS)]


class Votes:
    """The checkers of one endpoint, each of which counts for itself.

    A checker changes what it says after `threshold` answers in a row that contradict it, and begins
    with healthy.
    """

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._says = [True] * CHECKERS
        self._against = [0] * CHECKERS

    def observe(self, checker: int, *, is_well: bool) -> None:
        """Count one answer that a checker, of 0 to 15, got."""
        self._against[checker] = 0 if is_well is self._says[checker] else self._against[checker] + 1
        if self._against[checker] >= self._threshold:
            self._says[checker] = is_well
            self._against[checker] = 0

    @property
    def is_healthy(self) -> bool:
        """Whether enough of the checkers say healthy."""
        return is_healthy_by_checkers(sum(self._says), CHECKERS)
