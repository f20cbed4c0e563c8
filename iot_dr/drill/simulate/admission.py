"""A standby that lets in so many devices a second, and no more than it has room for."""

from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.arrivals import Arrivals
from iot_dr.drill.simulate.chunk import Floats
from iot_dr.drill.simulate.counting import Counts
from iot_dr.drill.simulate.crowd import Crowd, Devices
from iot_dr.drill.simulate.newcomers import Newcomers
from iot_dr.drill.simulate.pool import Pool
from iot_dr.drill.simulate.scenario import Scenario

Steps = NDArray[np.int32]

_PART = 1 << 10


@dataclass(kw_only=True)
class Door:
    """Lets in `rate` a second, at once as many as it would in one second, and `room` in all."""

    rate: float
    room: float
    _credit: float = field(init=False)

    def __post_init__(self) -> None:
        self._credit = self._burst

    @property
    def _burst(self) -> float:
        return max(1.0, self.rate)

    def open(self, seconds: float, asking: int) -> int:
        """Give how many of those that ask are let in, when so many seconds have passed."""
        self._credit = min(self._credit, self._burst) + self.rate * seconds
        let_in = int(min(self._credit, self.room, asking))
        self._credit -= let_in if self._credit != inf else 0
        self.room -= let_in
        return let_in


class Admission:
    """Runs through the steps from the first arrival on.

    How many are let in is drawn by number (see Pool). Which of them: newcomers by themselves, the
    others any of those that were refused before, as only their number counts for the figures.
    """

    def __init__(
        self,
        arrived: Arrivals,
        scenario: Scenario,
        door: Door,
        hang: float,
        rng: np.random.Generator,
    ) -> None:
        self._seconds, self._step = arrived.seconds, scenario.step
        self._door, self._rng = door, rng
        self._pool = Pool(scenario, hang, rng)
        self._new = Newcomers(arrived, scenario.step, self._pool.most)
        self._crowd = Crowd(len(arrived.seconds), rng)
        self._attempts: list[int] = []
        self._let_in: list[int] = []

    def run(self, horizon: float) -> Counts:
        """Let devices in, and write into the arrivals' seconds when; inf for those that are left.

        Gives the attempts by whole second. Those for whom there is no room try until `horizon`.
        """
        for ahead in range(self._new.steps):
            self._arrive(ahead)
        waiting, ahead = len(self._crowd), self._new.steps
        while waiting and (self._door.room or self._time(ahead) < horizon):
            waiting -= self._later()
            ahead += 1
        self._let_in_later(self._crowd.rest())
        return self._by_second()

    def _arrive(self, ahead: int) -> None:
        """Take a step in which devices may arrive for the first time."""
        new, back = self._new.counts(ahead), self._pool.due()
        asking = np.concatenate([new, back])
        let_in = self._open(asking)
        new_in, back_in = let_in[: len(new)], let_in[len(new) :]
        self._pool.refuse(new - new_in + back - back_in)
        old = self._crowd.leave(int(back_in.sum()))
        self._seconds[old] = self._moments(np.full(len(old), ahead, np.int32))
        for group, taken in zip(self._new.groups(ahead), new_in, strict=True):
            if taken < len(group):
                begin = int(self._rng.integers(len(group)))
                self._crowd.join(np.roll(group, begin)[taken:])

    def _later(self) -> int:
        """Take a step in which all have asked before; give how many are let in."""
        back = self._pool.due()
        let_in = self._open(back)
        back -= let_in
        self._pool.refuse(back)
        return self._let_in[-1]

    def _open(self, asking: Counts) -> Counts:
        """Give how many of each kind are let in, all as likely."""
        total = int(asking.sum())
        count = self._door.open(self._step, total)
        self._attempts.append(total)
        self._let_in.append(count)
        if count == total:
            return asking.copy()
        return self._rng.multivariate_hypergeometric(asking, count, method="marginals")

    def _let_in_later(self, who: Devices) -> None:
        """Write when devices that are in random order were let in; inf for those that were not."""
        later = np.array(self._let_in[self._new.steps :], np.int64)
        ends = np.concatenate([[0], np.cumsum(later)])
        for begin in range(0, len(later), _PART):
            ahead = np.arange(begin, min(begin + _PART, len(later)), dtype=np.int32)
            taken = who[ends[begin] : ends[begin + len(ahead)]]
            at = np.repeat(ahead + self._new.steps, later[begin : begin + len(ahead)])
            self._seconds[taken] = self._moments(at)
        self._seconds[who[ends[-1] :]] = np.inf

    def _time(self, ahead: int) -> float:
        return (self._new.first + ahead) * self._step

    def _moments(self, ahead: Steps) -> Floats:
        """Give a moment within each of these steps."""
        within = self._rng.random(len(ahead), dtype=np.float32)
        within += (ahead + self._new.first).astype(np.float32)
        within *= np.float32(self._step)
        return within

    def _by_second(self) -> Counts:
        at = (np.arange(len(self._attempts)) + self._new.first) * self._step
        return np.bincount(at.astype(np.intp), self._attempts).astype(np.int64)
