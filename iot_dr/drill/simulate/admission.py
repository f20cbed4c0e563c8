"""A standby that lets in so many devices a second, and no more than it has room for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.arrivals import Arrivals
from iot_dr.drill.simulate.chunk import Floats
from iot_dr.drill.simulate.counting import Counts
from iot_dr.drill.simulate.scenario import Scenario

Devices = NDArray[np.int32]
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
        """Return how many of those that ask are let in, when so many seconds have passed."""
        self._credit = min(self._credit, self._burst) + self.rate * seconds
        let_in = int(min(self._credit, self.room, asking))
        self._credit -= let_in if self._credit != inf else 0
        self.room -= let_in
        return let_in


class Admission:
    """Runs through the steps from the first arrival on.

    How many are let in is drawn by number (see _Pool). Which of them: newcomers by themselves, the
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
        self._pool = _Pool(scenario, hang, rng)
        self._new = _Newcomers(arrived, scenario.step, self._pool.most)
        self._crowd = _Crowd(len(arrived.seconds), rng)
        self._attempts: list[int] = []
        self._let_in: list[int] = []

    def run(self, horizon: float) -> Counts:
        """Let devices in, and write into the arrivals' seconds when; inf for those that are left.

        Return the attempts by whole second. Those for whom there is no room try until `horizon`.
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
        """Take a step in which all have asked before; return how many are let in."""
        back = self._pool.due()
        let_in = self._open(back)
        back -= let_in
        self._pool.refuse(back)
        return self._let_in[-1]

    def _open(self, asking: Counts) -> Counts:
        """Return how many of each kind are let in, all as likely."""
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
        """Return a moment within each of these steps."""
        within = self._rng.random(len(ahead), dtype=np.float32)
        within += (ahead + self._new.first).astype(np.float32)
        within *= np.float32(self._step)
        return within

    def _by_second(self) -> Counts:
        at = (np.arange(len(self._attempts)) + self._new.first) * self._step
        return np.bincount(at.astype(np.intp), self._attempts).astype(np.int64)


class _Newcomers:
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
        """Return how many arrive in a step, counted from the first, by their failures."""
        return np.diff(self._ends[self._places(ahead)])

    def groups(self, ahead: int) -> Iterator[Devices]:
        """Return the devices that arrive in a step, those of each number of failures in turn."""
        for begin, end in pairwise(self._ends[self._places(ahead)]):
            yield self._who[begin:end]

    def _places(self, ahead: int) -> NDArray[np.intp]:
        begin = ahead * self._kinds
        return np.minimum(np.arange(begin, begin + self._kinds + 1), len(self._ends) - 1)


class _Crowd:
    """The devices that were refused and wait, in no order."""

    def __init__(self, most: int, rng: np.random.Generator) -> None:
        self._who = np.empty(most, np.int32)
        self._size = 0
        self._rng = rng

    def __len__(self) -> int:
        return self._size

    def join(self, who: Devices) -> None:
        """Take in devices that were refused for the first time."""
        self._who[self._size : self._size + len(who)] = who
        self._size += len(who)

    def leave(self, count: int) -> Devices:
        """Take out so many, each as likely as any other."""
        if not count:
            return self._who[:0]
        chosen = self._rng.choice(self._size, count, replace=False, shuffle=False)
        who = self._who[chosen]
        self._size -= count
        # The last of the row take the places that have become free.
        is_kept = np.ones(count, np.bool_)
        is_kept[chosen[chosen >= self._size] - self._size] = False
        last = self._who[self._size : self._size + count]
        self._who[chosen[chosen < self._size]] = last[is_kept]
        return who

    def rest(self) -> Devices:
        """Return those that are left, in random order."""
        who = self._who[: self._size]
        self._rng.shuffle(who)
        return who


class _Pool:
    """How many devices try again in which step, for each number of failures in a row.

    Devices that have failed equally often and try in the same step are exchangeable: whatever
    happens next is drawn for their number and not for each of them, with the same probabilities.
    Failures count up to the one after which waits grow no more.
    """

    def __init__(self, scenario: Scenario, hang: float, rng: np.random.Generator) -> None:
        """Take the seconds after which a refused connect is known to be refused."""
        self.most = scenario.saturation
        self._steps = [_steps_until_back(scenario, each, hang) for each in range(self.most + 1)]
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


def _steps_until_back(scenario: Scenario, failures: int, hang: float) -> NDArray[np.float64]:
    """Return the probability that a device is back after 1, 2, 3 ... steps.

    It was refused at any moment of its step, after `hang` seconds, and then waits a random part of
    its longest wait: the sum of two uniform times. Less than a step counts as one.
    """
    wait = scenario.longest_wait(failures) / scenario.step
    hang /= scenario.step
    ends = np.arange(int(hang + wait) + 3, dtype=np.float64)
    until = np.array([_part_until(end - hang, wait) for end in ends])
    steps = np.diff(until)
    steps[1] += steps[0]
    return steps[1:] / steps[1:].sum()


def _part_until(time: float, wait: float) -> float:
    """Return the probability that the sum of U(0, 1) and U(0, wait) is at most `time`."""
    return (_area(time) - _area(time - 1) - _area(time - wait) + _area(time - 1 - wait)) / wait


def _area(time: float) -> float:
    return time * time / 2 if time > 0 else 0.0
