"""The devices that ask the standby for the first time, step by step."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.arrivals import Arrivals
from iot_dr.drill.simulate.crowd import Devices


class Newcomers:
    """Devices by the step in which they arrive, and then by how often they had failed."""

    def __init__(self, arrived: Arrivals, step: float, most: int) -> None:
        """Take the seconds of a step, and the failures after which a device waits no longer."""
        self._kinds = most + 1
        steps = (arrived.seconds * np.float32(1 / step)).astype(np.int32)
        self.first = int(steps.min())
        steps -= self.first
        steps *= self._kinds
        steps += np.minimum(arrived.failures, most)
        # Sixteen bits are sorted by radix, which takes a quarter of the time.
        keys = steps.astype(np.uint16) if int(steps.max()) < 1 << 16 else steps
        del steps
        counts = np.bincount(keys)
        self._ends = np.concatenate([[0], np.cumsum(counts)])
        self.steps = -(-len(counts) // self._kinds)
        self._who = np.argsort(keys, kind="stable").astype(np.int32)

    def counts(self, ahead: int) -> NDArray[np.int64]:
        """Give how many arrive in a step, counted from the first, by their failures."""
        return np.diff(self._ends[self._places(ahead)])

    def groups(self, ahead: int) -> Iterator[Devices]:
        """Give the devices that arrive in a step, those of each number of failures in turn."""
        for begin, end in pairwise(self._ends[self._places(ahead)]):
            yield self._who[begin:end]

    def _places(self, ahead: int) -> NDArray[np.intp]:
        begin = ahead * self._kinds
        return np.minimum(np.arange(begin, begin + self._kinds + 1), len(self._ends) - 1)
