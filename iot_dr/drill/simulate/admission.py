"""Admission of devices by a standby, within its connect rate and connection quotas."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.arrivals import DeviceArrivals
from iot_dr.drill.simulate.chunk import Floats
from iot_dr.drill.simulate.counting import Counts
from iot_dr.drill.simulate.scenario import Scenario

Devices = NDArray[np.int32]
Steps = NDArray[np.int32]

_PART = 1 << 10


@dataclass(kw_only=True)
class TokenBucket:
    """Token bucket: `rate` connects per second, a burst of one second, and `room` in total."""

    rate: float
    room: float
    _credit: float = field(init=False)

    def __post_init__(self) -> None:
        self._credit = self._burst

    @property
    def _burst(self) -> float:
        return max(1.0, self.rate)

    def admit(self, seconds: float, asking: int) -> int:
        """Return how many of the `asking` devices are admitted, `seconds` after the last call."""
        self._credit = min(self._credit, self._burst) + self.rate * seconds
        let_in = int(min(self._credit, self.room, asking))
        self._credit -= let_in if self._credit != inf else 0
        self.room -= let_in
        return let_in


class Admission:
    """Simulates the standby in time steps, from the first arrival on.

    The numbers of admitted devices are drawn by groups (see _Pool). First attempts are attributed
    to their devices; later ones to random refused devices, as only counts matter for the figures.
    """

    def __init__(
        self,
        arrived: DeviceArrivals,
        scenario: Scenario,
        door: TokenBucket,
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
        """Write the time of admission of each device to the arrivals' seconds, inf if never.

        Return the attempts by whole second. Devices without room try until `horizon`.
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
        """Simulate a step in which devices may make their first attempt."""
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
        """Simulate a step without first attempts; return how many devices are admitted."""
        back = self._pool.due()
        let_in = self._open(back)
        back -= let_in
        self._pool.refuse(back)
        return self._let_in[-1]

    def _open(self, asking: Counts) -> Counts:
        """Return how many of each group are admitted, with equal probability for each device."""
        total = int(asking.sum())
        count = self._door.admit(self._step, total)
        self._attempts.append(total)
        self._let_in.append(count)
        if count == total:
            return asking.copy()
        return self._rng.multivariate_hypergeometric(asking, count, method="marginals")

    def _let_in_later(self, who: Devices) -> None:
        """Write the times of admission of shuffled devices; inf for the rest."""
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
        """Return a random time within each of these steps."""
        within = self._rng.random(len(ahead), dtype=np.float32)
        within += (ahead + self._new.first).astype(np.float32)
        within *= np.float32(self._step)
        return within

    def _by_second(self) -> Counts:
        at = (np.arange(len(self._attempts)) + self._new.first) * self._step
        return np.bincount(at.astype(np.intp), self._attempts).astype(np.int64)


class _Newcomers:
    """First attempts at the standby, grouped by step and by number of failures."""

    def __init__(self, arrived: DeviceArrivals, step: float, most: int) -> None:
        """Group arrivals; `step` is in seconds, failures are counted up to `most`."""
        self._kinds = most + 1
        steps = (arrived.seconds * np.float32(1 / step)).astype(np.int32)
        self.first = int(steps.min())
        steps -= self.first
        steps *= self._kinds
        steps += np.minimum(arrived.failures, most)
        # numpy sorts 16 bits with radix sort, four times as fast.
        keys = steps.astype(np.uint16) if int(steps.max()) < 1 << 16 else steps
        del steps
        counts = np.bincount(keys)
        self._ends = np.concatenate([[0], np.cumsum(counts)])
        self.steps = -(-len(counts) // self._kinds)
        self._who = np.argsort(keys, kind="stable").astype(np.int32)

    def counts(self, ahead: int) -> NDArray[np.int64]:
        """Return the number of arrivals in a step by failures; step 0 is the first with any."""
        return np.diff(self._ends[self._places(ahead)])

    def groups(self, ahead: int) -> Iterator[Devices]:
        """Yield the devices that arrive in a step, one group for each number of failures."""
        for begin, end in pairwise(self._ends[self._places(ahead)]):
            yield self._who[begin:end]

    def _places(self, ahead: int) -> NDArray[np.intp]:
        begin = ahead * self._kinds
        return np.minimum(np.arange(begin, begin + self._kinds + 1), len(self._ends) - 1)


class _Crowd:
    """Refused devices that are in their back-off, unordered."""

    def __init__(self, most: int, rng: np.random.Generator) -> None:
        self._who = np.empty(most, np.int32)
        self._size = 0
        self._rng = rng

    def __len__(self) -> int:
        return self._size

    def join(self, who: Devices) -> None:
        """Add devices that were refused for the first time."""
        self._who[self._size : self._size + len(who)] = who
        self._size += len(who)

    def leave(self, count: int) -> Devices:
        """Remove and return random devices."""
        if not count:
            return self._who[:0]
        chosen = self._rng.choice(self._size, count, replace=False, shuffle=False)
        who = self._who[chosen]
        self._size -= count
        # Devices at the end move to the free places.
        is_kept = np.ones(count, np.bool_)
        is_kept[chosen[chosen >= self._size] - self._size] = False
        last = self._who[self._size : self._size + count]
        self._who[chosen[chosen < self._size]] = last[is_kept]
        return who

    def rest(self) -> Devices:
        """Return the remaining devices, shuffled."""
        who = self._who[: self._size]
        self._rng.shuffle(who)
        return who


class _Pool:
    """Number of devices that retry in each step, by consecutive failures.

    Devices with equal failures and the same step are exchangeable, so their next steps are drawn
    for the group, with the same distribution as for each device. Failures are counted up to the
    number at which the back-off reaches its ceiling.
    """

    def __init__(self, scenario: Scenario, hang: float, rng: np.random.Generator) -> None:
        """Precompute the distributions of retries; a refused connect takes `hang` seconds."""
        self.most = scenario.habits.saturation
        self._steps = [_steps_until_back(scenario, each, hang) for each in range(self.most + 1)]
        self._ring = np.zeros((self.most + 1, max(map(len, self._steps)) + 1), np.int64)
        self._at = 0
        self._rng = rng

    def due(self) -> Counts:
        """Remove and return the devices that retry in this step, by failures; advance a step."""
        place = self._at % self._ring.shape[1]
        due = self._ring[:, place].copy()
        self._ring[:, place] = 0
        self._at += 1
        return due

    def refuse(self, counts: Counts) -> None:
        """Schedule the retries of refused devices, by failures so far; call after `due`."""
        for failures in np.flatnonzero(counts):
            after = min(int(failures) + 1, self.most)
            back = self._rng.multinomial(counts[failures], self._steps[after])
            row, begin = self._ring[after], self._at % self._ring.shape[1]
            until_end = min(len(back), len(row) - begin)
            row[begin : begin + until_end] += back[:until_end]
            row[: len(back) - until_end] += back[until_end:]


def _steps_until_back(scenario: Scenario, failures: int, hang: float) -> NDArray[np.float64]:
    """Return the probabilities that a device retries after 1, 2, 3 ... steps.

    Its attempt was at a uniform time within a step, took `hang` seconds, and a uniform back-off
    follows: the sum of two uniform times. Less than a step counts as one.
    """
    wait = scenario.habits.longest_wait(failures) / scenario.step
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
