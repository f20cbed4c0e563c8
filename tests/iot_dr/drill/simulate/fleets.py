"""Fleets for tests of the simulation: a few outages at once, scenarios, how far samples differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, sqrt
from statistics import median

import numpy as np
from hypothesis import strategies as st

from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.simulate.scenario import Cache, Outage, Scenario
from iot_dr.drill.simulate.simulation import simulate

SEEDS = range(1, 8)


@dataclass(frozen=True)
class Middle:
    """Medians over several outages, in seconds."""

    failover: float
    p50: float
    p99: float


def middle(
    devices: int, scenario: Scenario, failover: float | None = None, seeds: Iterable[int] = SEEDS
) -> Middle:
    outcomes = [simulate(devices, scenario, seed, failover) for seed in seeds]
    return Middle(
        median(each.failover_at for each in outcomes),
        median(each.p50 for each in outcomes),
        median(each.p99 for each in outcomes),
    )


def with_ceiling(ceiling: float, connect_rate: float = inf) -> Scenario:
    return Scenario(habits=Habits(ceiling=ceiling), connect_rate=connect_rate)


def difference(one: object, other: object) -> float:
    """Return Kolmogorov and Smirnov's distance between two samples."""
    first, second = np.sort(np.asarray(one)), np.sort(np.asarray(other))
    both = np.concatenate([first, second])
    parts = [np.searchsorted(each, both, side="right") / len(each) for each in (first, second)]
    return float(np.abs(parts[0] - parts[1]).max())


def chance(devices: int) -> float:
    """Return the distance that two samples of one distribution exceed once in 10,000."""
    return 2.23 * sqrt(2 / devices)


def _scenario(  # noqa: PLR0913, PLR0917 - one argument for each strategy
    outage: Outage,
    cache: Cache,
    ttl: float,
    ceiling: float,
    period: float,
    limits: tuple[float, float],
) -> Scenario:
    return Scenario(
        outage=outage,
        cache=cache,
        ttl=ttl,
        connect_rate=limits[0],
        connections=limits[1],
        horizon=300,
        habits=Habits(ceiling=ceiling, period=period),
    )


SCENARIOS = st.builds(
    _scenario,
    outage=st.sampled_from(["kill", "drop", "freeze"]),
    cache=st.sampled_from(["own", "shared"]),
    ttl=st.integers(1, 120),
    ceiling=st.integers(1, 90),
    period=st.sampled_from([1.0, 7.0, 10.0, 25.0, 45.0]),
    limits=st.tuples(
        st.one_of(st.just(inf), st.floats(20, 500)), st.one_of(st.just(inf), st.integers(0, 1_500))
    ),
)
DEVICES = st.integers(1, 1_500)
