"""What became of a simulated fleet."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.counting import Counts

_MIDDLE, _NEARLY_ALL = 0.5, 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each device, and of all of them by whole second after the outage.

    `flipped` is when the answer led to the standby, `returned` when it led back; inf for never.
    `recovered` are the seconds for which each device had no region: 0 for one that never lost its
    link, inf for one that is never back. `lost` are its messages that its full buffer dropped.
    `attempts` counts connects that were tried, `accepted` those that the standby let in, `primary`
    and `standby` the devices that are connected there at the end of each second.
    """

    flipped: float
    returned: float
    recovered: NDArray[np.float32]
    lost: NDArray[np.uint32]
    attempts: Counts
    accepted: Counts
    primary: Counts
    standby: Counts

    @property
    def devices(self) -> int:
        """How many devices there are."""
        return len(self.recovered)

    @property
    def p50(self) -> float:
        """Seconds until half of the devices are back."""
        return self.percentile(_MIDDLE)

    @property
    def p99(self) -> float:
        """Seconds until 99 % of the devices are back."""
        return self.percentile(_NEARLY_ALL)

    @property
    def last(self) -> float:
        """Seconds until the last device is back."""
        return float(self.recovered.max(initial=0))

    @property
    def never(self) -> int:
        """How many devices are never back."""
        return int(np.isinf(self.recovered).sum())

    def percentile(self, part: float) -> float:
        """Give the seconds until this part of the devices is back; inf where it never is."""
        return float(np.quantile(self.recovered, part, method="inverted_cdf"))

    @property
    def busiest(self) -> int:
        """The most connects that were tried in one second."""
        return int(self.attempts.max(initial=0))

    @property
    def has_flipped(self) -> bool:
        """Whether the answer ever led to the standby."""
        return self.flipped < inf
