"""What holds for any fleet and any settings."""

import os
from dataclasses import replace
from math import inf

import numpy as np
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.drill.simulate.simulation import simulate
from tests.iot_dr.drill.simulate.fleets import DEVICES, SCENARIOS
from tests.support.examples import examples

FAILOVERS = st.floats(0, 150)
FEW = limits(max_examples=examples(20))


@FEW
@given(DEVICES, SCENARIOS, FAILOVERS)
def test_nobody_is_back_before_the_answer_has_changed(
    devices: int, scenario: Scenario, failover: float
) -> None:
    outcome = simulate(devices, scenario, 1, failover)
    assert float(outcome.recovered.min()) >= failover - 1e-4
    assert not outcome.accepted[: int(failover)].sum()


@FEW
@given(DEVICES, SCENARIOS, FAILOVERS)
def test_exactly_those_without_a_place_are_never_back(
    devices: int, scenario: Scenario, failover: float
) -> None:
    outcome = simulate(devices, scenario, 1, failover)
    places = devices if scenario.connections == inf else int(scenario.connections)
    assert outcome.never == max(0, devices - places)
    assert int(outcome.accepted.sum()) == devices - outcome.never


@FEW
@given(DEVICES, SCENARIOS, FAILOVERS)
def test_each_device_loses_what_its_own_time_offline_costs(
    devices: int, scenario: Scenario, failover: float
) -> None:
    outcome = simulate(devices, scenario, 1, failover)
    habits = scenario.habits
    until = max(scenario.horizon, float(np.flatnonzero(outcome.accepted).max(initial=0)) + 1)
    offline = np.minimum(outcome.recovered.astype(float), until)
    if scenario.is_silent:
        # The link is given up after so long, and what is sent until then is not buffered.
        offline -= habits.keep_alive + habits.ping_timeout
        offline += min(habits.period, habits.keep_alive)
        slack = 2.0
    else:
        slack = 1.0
    expected = np.maximum(offline / habits.period - habits.buffer, 0)
    assert float(np.abs(outcome.lost - expected).max()) <= slack + 1e-3


@FEW
@given(DEVICES, SCENARIOS, FAILOVERS)
def test_no_second_accepts_more_than_a_bucket_and_its_refill(
    devices: int, scenario: Scenario, failover: float
) -> None:
    outcome = simulate(devices, scenario, 1, failover)
    refill = scenario.connect_rate * (1 + scenario.step)
    assert int(outcome.accepted.max(initial=0)) <= max(1, scenario.connect_rate) + refill + 1
    # A moment within a step may fall into the next second.
    tried, accepted = np.cumsum(outcome.attempts), np.cumsum(outcome.accepted)
    assert tried[-1] >= accepted[-1]
    assert np.all(tried[1:] >= accepted[:-1])


@FEW
@given(DEVICES, SCENARIOS, FAILOVERS, st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_outcome(
    devices: int, scenario: Scenario, failover: float, seed: int
) -> None:
    one, two = (simulate(devices, scenario, seed, failover) for _ in range(2))
    assert np.array_equal(one.recovered, two.recovered)
    assert np.array_equal(one.lost, two.lost)
    assert np.array_equal(one.attempts, two.attempts)


@FEW
@given(st.integers(300, 1_500), SCENARIOS, FAILOVERS)
def test_a_standby_that_accepts_more_is_never_slower(
    devices: int, scenario: Scenario, failover: float
) -> None:
    slow = replace(scenario, connections=inf, connect_rate=min(scenario.connect_rate, devices / 20))
    fast = replace(slow, connect_rate=2 * slow.connect_rate)
    before = simulate(devices, slow, 1, failover)
    after = simulate(devices, fast, 1, failover)
    # One per cent of the devices are three to fifteen, whose last waits are chance.
    noise = 0.4 * scenario.habits.ceiling + 2
    assert after.p99 <= before.p99 + noise
    assert after.p50 <= before.p50 + noise


def test_another_seed_gives_another_outcome() -> None:
    one, two = (simulate(1_000, Scenario(), seed, 36.0) for seed in (1, 2))
    assert not np.array_equal(one.recovered, two.recovered)


def test_a_fleet_of_several_chunks_is_the_same_on_any_number_of_cores() -> None:
    cores = os.sched_getaffinity(0)
    one = simulate(200_000, Scenario(connect_rate=5_000), 3)
    # The simulation's threads inherit it.
    os.sched_setaffinity(0, {min(cores)})
    try:
        two = simulate(200_000, Scenario(connect_rate=5_000), 3)
    finally:
        os.sched_setaffinity(0, cores)
    assert np.array_equal(one.recovered, two.recovered)
