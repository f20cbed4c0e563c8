"""The simulation held against what was rehearsed with real brokers, and against its prototype."""

from dataclasses import replace

import pytest

from functions.contract import Mode
from iot_dr.drill.simulate.scenario import Cache, Outage, Scenario
from iot_dr.drill.simulate.simulation import simulate
from tests.iot_dr.drill.simulate.fleets import middle, with_ceiling

DEVICES = 20_000
"""Without a throttle devices do not affect one another: more of them only make less noise."""

Range = tuple[float, float]


def is_near(value: float, figure: float | Range, tolerance: float = 0.02) -> bool:
    low, high = figure if isinstance(figure, tuple) else (figure, figure)
    return low * (1 - tolerance) <= value <= high * (1 + tolerance)


@pytest.mark.parametrize(
    ("outage", "mode", "failover", "p50", "p99"),
    [
        ("kill", "shallow", 37.3, 69.3, 87.3),
        ("kill", "shallow", 35.5, 69.6, 87.9),
        ("drop", "shallow", 64.7, 99.8, 105.3),
        ("freeze", "deep", 42.5, 98.6, 104.7),
        ("freeze", "shallow", 97.5, 102.6, 177.9),
    ],
)
def test_devices_are_back_when_they_were_in_the_rehearsal(
    outage: Outage, mode: Mode, failover: float, p50: float, p99: float
) -> None:
    outcome = middle(DEVICES, Scenario(outage=outage, mode=mode), failover, seeds=(1,))
    assert is_near(outcome.p50, p50), outcome
    assert is_near(outcome.p99, p99), outcome


def test_an_expired_certificate_costs_what_it_did_in_the_rehearsal() -> None:
    outcome = middle(DEVICES, Scenario(outage="expired", mode="deep"), 38.7, seeds=(1,))
    # One run of 500 devices while the machine was busy: they were later than those of a kill.
    assert is_near(outcome.p50, 71.3, 0.05), outcome
    assert is_near(outcome.p99, 90.4, 0.05), outcome


def test_a_standby_that_lets_in_ten_a_second_takes_as_long_as_in_the_rehearsal() -> None:
    outcome = middle(2_000, Scenario(connect_rate=10), 37.7)
    assert is_near(outcome.p50, 161.7), outcome
    assert is_near(outcome.p99, 264.0), outcome


def test_warm_resolvers_cost_what_they_did_in_the_rehearsal() -> None:
    outcome = middle(DEVICES, Scenario(cache="shared"), 37.2, seeds=(1,))
    assert is_near(outcome.p50, 76.7), outcome
    assert is_near(outcome.p99, 114.9), outcome


@pytest.mark.parametrize(
    ("outage", "mode", "failover"),
    [
        ("kill", "shallow", (33.6, 37.7)),
        ("drop", "shallow", 64.7),
        ("drop", "deep", 48.8),
        ("freeze", "deep", 42.5),
        ("freeze", "shallow", 97.5),
        ("expired", "deep", 38.7),
    ],
)
def test_the_answer_moves_when_it_did_in_the_rehearsal(
    outage: Outage, mode: Mode, failover: float | Range
) -> None:
    # One run, in which the phases of 16 checkers and the aggregation are chance.
    outcome = middle(500, Scenario(outage=outage, mode=mode), seeds=range(40))
    assert is_near(outcome.failover, failover, 0.05), outcome


@pytest.mark.parametrize(
    ("interval", "threshold", "ttl", "cache", "p50", "p99"),
    [
        (30, 3, 60, "own", 140, 165),
        (30, 3, 60, "shared", (129, 138), (167, 176)),
        (10, 3, 60, "own", 69, 87),
        (10, 3, 60, "shared", (74, 79), (112, 118)),
        (10, 2, 60, "own", 69, 87),
        (10, 2, 60, "shared", (64, 69), (102, 108)),
        (10, 3, 30, "own", (44, 56), (86, 92)),
        (10, 3, 30, "shared", (59, 65), (84, 90)),
        (10, 1, 30, "own", 40, 57),
        (10, 1, 30, "shared", (39, 44), (64, 70)),
    ],
)
def test_settings_and_caches_cost_what_the_prototype_found(  # noqa: PLR0913, PLR0917 - figures
    interval: int,
    threshold: int,
    ttl: int,
    cache: Cache,
    p50: float | Range,
    p99: float | Range,
) -> None:
    scenario = Scenario(interval=interval, threshold=threshold, ttl=ttl, cache=cache)
    outcome = middle(DEVICES // 2, scenario)
    assert is_near(outcome.p50, p50), outcome
    assert is_near(outcome.p99, p99), outcome


@pytest.mark.parametrize(("ceiling", "p99"), [(10, 70), (30, 87), (60, 114), (120, 169)])
def test_the_ceiling_of_the_back_off_costs_what_the_prototype_found(
    ceiling: int, p99: float
) -> None:
    outcome = middle(DEVICES, with_ceiling(ceiling), seeds=(1,))
    assert is_near(outcome.p99, p99), outcome


@pytest.mark.parametrize(
    ("devices", "rate", "ceiling", "p99"),
    [
        (100_000, 500, 10, (258, 263)),
        (100_000, 500, 30, (258, 263)),
        (100_000, 500, 300, 399),
        (1_000_000, 3_000, 30, 393),
    ],
)
def test_a_throttled_fleet_takes_as_long_as_the_prototype_found(
    devices: int, rate: int, ceiling: int, p99: float | Range
) -> None:
    outcome = middle(devices, with_ceiling(ceiling, connect_rate=rate), seeds=(1,))
    assert is_near(outcome.p99, p99), outcome


def test_a_full_buffer_drops_what_was_rehearsed() -> None:
    throttled = simulate(2_000, Scenario(connect_rate=10), 1, 37.7)
    assert is_near(float(throttled.lost.mean()), 10.0)


def test_a_threshold_of_two_gains_nothing_with_a_cache_of_its_own() -> None:
    three = Scenario()
    two = replace(three, threshold=2)
    assert is_near(middle(DEVICES, two, seeds=(1,)).p99, middle(DEVICES, three, seeds=(1,)).p99)
