"""The simulation next to a plain event loop, with a process for each device and checker."""

from dataclasses import replace

import numpy as np
import pytest

from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.simulate.scenario import Outage, Scenario
from iot_dr.drill.simulate.simulation import simulate
from tests.iot_dr.drill.simulate.fleets import chance, difference
from tools.benchmarks import device_loop

DEVICES = 2_000


@pytest.mark.parametrize(
    ("scenario", "failover"),
    [
        pytest.param(Scenario(), 36.0, id="kill"),
        pytest.param(Scenario(cache="shared"), 36.0, id="kill, shared caches"),
        pytest.param(Scenario(connect_rate=20), 36.0, id="kill, throttled"),
        pytest.param(
            Scenario(connect_rate=20, habits=Habits(ceiling=300)), 36.0, id="throttled, long waits"
        ),
        pytest.param(
            Scenario(connect_rate=15, habits=Habits(ceiling=5)), 36.0, id="throttled, short waits"
        ),
        pytest.param(Scenario(outage="drop"), 64.7, id="drop"),
        pytest.param(
            Scenario(outage="drop", connect_rate=20, habits=Habits(ceiling=120, period=25)),
            64.7,
            id="drop, throttled",
        ),
        pytest.param(
            Scenario(outage="drop", cache="shared", habits=Habits(period=45)),
            64.7,
            id="drop, pings",
        ),
        pytest.param(Scenario(outage="freeze"), 97.5, id="freeze, late failover"),
        pytest.param(
            Scenario(connect_rate=20, connections=1_500, horizon=200),
            36.0,
            id="too few connections",
        ),
    ],
)
def test_devices_are_back_and_lose_messages_as_in_the_event_loop(
    scenario: Scenario, failover: float
) -> None:
    loop = device_loop.run(DEVICES, scenario, 1, failover)
    ours = simulate(DEVICES, scenario, 1, failover)
    back = np.isfinite(ours.recovered)
    assert int(back.sum()) == len(loop.recovered)
    limit = chance(len(loop.recovered))
    assert difference(ours.recovered[back], list(loop.recovered.values())) < limit
    assert difference(ours.lost[back], list(loop.lost.values())) < limit
    if scenario.connections > DEVICES:
        attempts = sum(loop.attempts.values())
        assert int(ours.attempts.sum()) == pytest.approx(attempts, rel=0.03)


def test_attempts_come_when_they_do_in_the_event_loop() -> None:
    scenario = Scenario(connect_rate=20)
    loop = device_loop.run(DEVICES, scenario, 1, 36.0)
    ours = simulate(DEVICES, scenario, 1, 36.0)
    for begin in range(0, 160, 20):
        theirs = sum(loop.attempts[second] for second in range(begin, begin + 20))
        assert int(ours.attempts[begin : begin + 20].sum()) == pytest.approx(theirs, rel=0.1)


@pytest.mark.parametrize("outage", ["kill", "drop", "freeze"])
def test_checkers_see_an_outage_as_in_the_event_loop(outage: Outage) -> None:
    scenario = Scenario(outage=outage)
    ours = [simulate(200, scenario, seed).failover_at for seed in range(60)]
    theirs = [device_loop.run(200, scenario, seed).failover for seed in range(30)]
    # Of each the deviation is 1.5 to 2 s.
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=1.6)
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.5)


def test_a_backlog_that_only_checkers_fill_hides_a_frozen_broker_for_a_minute() -> None:
    scenario = Scenario(outage="freeze", habits=Habits(keep_alive=1_000))
    # Sixteen places are taken in each interval, and 101 there are.
    ours = [simulate(1, scenario, seed).failover_at for seed in range(20)]
    kept = replace(scenario, backlog=0)
    without = [simulate(1, kept, seed).failover_at for seed in range(20)]
    assert np.mean(ours) - np.mean(without) == pytest.approx(10 * 101 / 16, abs=4)
