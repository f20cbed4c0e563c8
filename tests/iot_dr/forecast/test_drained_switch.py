"""The predicted time of a drained switch, compared with the simulation of a fleet."""

from dataclasses import replace

import pytest
from hypothesis import given

from iot_dr.drill.simulate.scenario import scenario_of
from iot_dr.forecast.drained_switch import drained_switch
from iot_dr.forecast.failover_cause import FailoverCause, cause_time
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.generate.expectation import recovery_inputs
from tests.iot_dr.forecast.strategies import INPUTS
from tests.support.settings import settings

FLEET, RATE = 10_000, 400


@given(INPUTS)
def test_it_is_the_switch_and_then_the_wait_the_closing_and_a_back_off(
    inputs: RecoveryInputs,
) -> None:
    terms = drained_switch(inputs).terms
    switch = cause_time(inputs, FailoverCause.SWITCH).terms
    assert terms[: len(switch)] == switch
    assert [term.name for term in terms[len(switch) :]] == ["wait", "closing", "first back-off"]
    for term in terms:
        assert 0 <= term.minimum <= term.typical <= term.maximum, term


def test_simulated_devices_move_at_the_rate_in_the_predicted_time_and_lose_nothing() -> None:
    simulation = pytest.importorskip("iot_dr.drill.simulate.simulation")
    chosen = settings(recovery={"fleet": FLEET, "connect_rate": RATE})
    failover = 30.0
    scenario = replace(scenario_of(chosen, "switch"), drain=float(RATE))
    outcome = simulation.simulate(FLEET, scenario, 1, failover)
    wait, closing, back_off = drained_switch(recovery_inputs(chosen)).terms[-3:]
    (seconds,) = outcome.accepted.nonzero()
    last = float(seconds.max()) - failover
    latest = wait.maximum + closing.maximum + back_off.maximum + 1
    assert wait.minimum + closing.minimum - 1 <= last <= latest
    steady = outcome.accepted[int(failover + wait.minimum) + 2 : int(seconds.max()) - 1]
    assert float(steady.mean()) == pytest.approx(RATE, rel=0.05)
    assert int(outcome.lost.sum()) == 0
    assert (int(outcome.accepted.sum()), outcome.never) == (FLEET, 0)
