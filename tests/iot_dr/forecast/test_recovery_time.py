"""The predicted recovery time, held against what the drill measured and simulated.

The figures are those of 60 simulated outages, and of rehearsals of 500 to 2,000 devices; a range
is what single outages gave.
"""

from dataclasses import replace

import pytest
from hypothesis import example, given

from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import Percentiles, recovery_time
from iot_dr.generate.expectation import recovery_inputs
from tests.iot_dr.forecast.strategies import INPUTS
from tests.support.settings import settings

Range = tuple[float, float]

TOLERANCE = 0.03
UNTHROTTLED = {"fleet": 1_000, "connect_rate": 1_000}
DRILL = RecoveryInputs(
    mode="shallow", interval=10, threshold=3, ttl=60, backoff_ceiling=30, **UNTHROTTLED
)


def is_near(time: float, figure: Range) -> bool:
    low, high = figure
    return low * (1 - TOLERANCE) <= time <= high * (1 + TOLERANCE)


def assert_near(time: Percentiles, p50: Range, p99: Range) -> None:
    assert is_near(time.p50, p50), (time.p50, p50)
    assert is_near(time.p99, p99), (time.p99, p99)


@pytest.mark.parametrize(
    ("interval", "threshold", "ttl", "p50", "p99"),
    [
        (30, 3, 60, (140, 140), (165, 165)),
        (10, 3, 60, (69, 69), (87, 87)),
        (10, 2, 60, (69, 69), (87, 87)),
        (10, 3, 30, (44, 56), (86, 92)),
        (10, 1, 30, (40, 40), (57, 57)),
    ],
)
def test_devices_with_a_cache_of_their_own_are_back_as_the_drill_has_it(
    interval: int, threshold: int, ttl: int, p50: Range, p99: Range
) -> None:
    inputs = replace(DRILL, interval=interval, threshold=threshold, ttl=ttl)
    assert_near(recovery_time(inputs).own_cache, p50, p99)


@pytest.mark.parametrize(
    ("interval", "threshold", "ttl", "p50", "p99"),
    [
        (30, 3, 60, (129, 138), (167, 176)),
        (10, 3, 60, (74, 79), (112, 118)),
        (10, 2, 60, (64, 69), (102, 108)),
        (10, 3, 30, (59, 65), (84, 90)),
        (10, 1, 30, (39, 44), (64, 70)),
    ],
)
def test_devices_behind_a_warm_resolver_are_back_as_the_drill_has_it(
    interval: int, threshold: int, ttl: int, p50: Range, p99: Range
) -> None:
    inputs = replace(DRILL, interval=interval, threshold=threshold, ttl=ttl)
    assert_near(recovery_time(inputs).shared_cache, p50, p99)


@pytest.mark.parametrize(("ceiling", "p99"), [(10, 70), (30, 87), (60, 114), (120, 169)])
def test_the_back_off_s_ceiling_counts_as_in_the_drill(ceiling: int, p99: float) -> None:
    time = recovery_time(replace(DRILL, backoff_ceiling=ceiling))
    assert is_near(time.own_cache.p99, (p99, p99)), time.own_cache.p99


@pytest.mark.parametrize(
    ("fleet", "rate", "ceiling", "p99"),
    [
        (100_000, 500, 30, (258, 263)),
        (100_000, 500, 300, (399, 399)),
        (1_000_000, 500, 30, (2_040, 2_040)),
        (1_000_000, 3_000, 30, (393, 393)),
        # Rehearsed, not only simulated: 2,000 devices, ten connects a second.
        (2_000, 10, 30, (264, 264)),
    ],
)
def test_a_throttled_fleet_is_back_as_the_drill_has_it(
    fleet: int, rate: int, ceiling: int, p99: Range
) -> None:
    inputs = replace(DRILL, fleet=fleet, connect_rate=rate, backoff_ceiling=ceiling)
    assert is_near(recovery_time(inputs).p99, p99), recovery_time(inputs).p99


def test_the_terms_of_detection_are_those_that_were_measured() -> None:
    terms = {term.name: term for term in recovery_time(DRILL).terms}
    assert terms["detection"].typical == pytest.approx(28.2, abs=0.05)
    black_hole = terms["detection"].typical + terms["hanging probes"].maximum
    assert black_hole == pytest.approx(58.2, abs=0.05)


def test_a_deep_check_adds_the_age_of_the_canary_s_last_result() -> None:
    shallow, deep = recovery_time(DRILL), recovery_time(replace(DRILL, mode="deep"))
    assert 1 < deep.shared_cache.p50 - shallow.shared_cache.p50 < 5
    latest = {term.name: term.maximum for term in deep.terms}
    assert (latest["canary"], latest["hanging probes"]) == (5, 18)


def test_the_default_settings_meet_their_own_target() -> None:
    chosen = settings()
    time = recovery_time(recovery_inputs(chosen))
    assert time.p99 < chosen.recovery.rto
    assert time.largest_term.settings == ("recovery.fleet", "recovery.connect_rate")


@given(INPUTS)
def test_the_middle_is_not_above_the_99th_percentile_nor_that_above_the_bound(
    inputs: RecoveryInputs,
) -> None:
    time = recovery_time(inputs)
    assert 0 < time.p50 <= time.p99 <= time.bound
    assert time.bound == pytest.approx(sum(term.maximum for term in time.terms))


@given(INPUTS)
def test_no_term_is_longer_as_a_rule_than_at_the_latest(inputs: RecoveryInputs) -> None:
    for term in recovery_time(inputs).terms:
        assert 0 <= term.typical <= term.maximum, term


# A fleet so large that a step of the grid is longer than a TTL.
CROWD = RecoveryInputs(
    mode="shallow",
    interval=10,
    threshold=4,
    ttl=44,
    fleet=38_934_045,
    connect_rate=260,
    backoff_ceiling=2254,
)


@given(INPUTS)
@example(CROWD)
def test_a_larger_quota_and_a_shorter_interval_never_make_it_longer(inputs: RecoveryInputs) -> None:
    before = recovery_time(inputs)
    for better in (
        replace(inputs, connect_rate=2 * inputs.connect_rate),
        replace(inputs, interval=10),
    ):
        after = recovery_time(better)
        assert after.bound <= before.bound
        # A few steps of the grid, which is coarser where all takes longer.
        assert after.p99 <= before.p99 + 0.02 * before.bound
