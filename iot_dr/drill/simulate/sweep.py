"""Simulation of combinations of settings over several outages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from iot_dr.drill.simulate.grid import GridPoint, Value
from iot_dr.drill.simulate.scenario import CACHES, Scenario, scenario_of
from iot_dr.drill.simulate.simulation import simulate

OUTAGES: Final = 3
"""Outages of each combination: the time of the failover varies by seconds, recovery by a TTL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The outages of one scenario, which one worker process simulates."""

    scenario: Scenario
    devices: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFigures:
    """Seconds until devices are back, over all outages and devices.

    `lost` (messages) and `attempts` are averages per device.
    """

    p50: float
    p99: float
    last: float
    lost: float
    attempts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """A combination of settings and its figures, for each kind of DNS cache."""

    values: Mapping[str, Value]
    own: SimulatedFigures
    shared: SimulatedFigures

    @property
    def worse(self) -> SimulatedFigures:
        """The figures of the cache with the higher p99."""
        return max(self.own, self.shared, key=lambda each: each.p99)


def tasks(points: Sequence[GridPoint], devices: int, seed: int) -> Iterator[Task]:
    """Yield the tasks of all points, one for each kind of cache."""
    for point in points:
        for cache in CACHES:
            scenario = scenario_of(point.settings, "kill", cache=cache)
            yield Task(scenario=scenario, devices=devices, seed=seed)


def gathered(points: Sequence[GridPoint], figures: Sequence[SimulatedFigures]) -> list[Combination]:
    """Return the combinations of points and their figures, in the order of `tasks`."""
    pairs = zip(figures[::2], figures[1::2], strict=True)
    return [
        Combination(values=point.values, own=own, shared=shared)
        for point, (own, shared) in zip(points, pairs, strict=True)
    ]


def work(task: Task) -> SimulatedFigures:
    """Simulate a region's loss several times, with the same seeds for each combination."""
    seeds = range(task.seed, task.seed + OUTAGES)
    outcomes = [simulate(task.devices, task.scenario, seed) for seed in seeds]
    recovered = np.concatenate([each.recovered for each in outcomes])
    p50, p99 = np.quantile(recovered, [0.5, 0.99], method="inverted_cdf")
    devices = len(recovered)
    return SimulatedFigures(
        p50=float(p50),
        p99=float(p99),
        last=float(recovered.max()),
        lost=sum(int(each.lost.sum()) for each in outcomes) / devices,
        attempts=sum(int(each.attempts.sum()) for each in outcomes) / devices,
    )
