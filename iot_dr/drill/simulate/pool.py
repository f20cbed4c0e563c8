"""The devices that back off, as numbers alone."""

import numpy as np

from iot_dr.drill.simulate.counting import Counts
from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.drill.simulate.waits import steps_until_back


class Pool:
    """How many devices try again in which step, for each number of failures in a row.

    Devices that have failed equally often and try in the same step are exchangeable: whatever
    happens next is drawn for their number and not for each of them, with the same probabilities.
    Failures count up to the one after which waits grow no more.
    """

    def __init__(self, scenario: Scenario, hang: float, rng: np.random.Generator) -> None:
        """Take the seconds after which a refused connect is known to be refused."""
        self.most = scenario.saturation
        self._steps = [steps_until_back(scenario, each, hang) for each in range(self.most + 1)]
        self._ring = np.zeros((self.most + 1, max(map(len, self._steps)) + 1), np.int64)
        self._at = 0
        self._rng = rng

    def due(self) -> Counts:
        """Take out who tries in this step, by failures, and go on to the next."""
        place = self._at % self._ring.shape[1]
        due = self._ring[:, place].copy()
        self._ring[:, place] = 0
        self._at += 1
        return due

    def refuse(self, counts: Counts) -> None:
        """Let devices back off, by their failures until now; to be called after `due`."""
        for failures in np.flatnonzero(counts):
            after = min(int(failures) + 1, self.most)
            back = self._rng.multinomial(counts[failures], self._steps[after])
            row, begin = self._ring[after], self._at % self._ring.shape[1]
            until_end = min(len(back), len(row) - begin)
            row[begin : begin + until_end] += back[:until_end]
            row[: len(back) - until_end] += back[until_end:]
