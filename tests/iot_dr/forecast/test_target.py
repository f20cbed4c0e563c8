"""The recovery time and its target, and what is advised to reach it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as limits

from environments.settings import Settings
from iot_dr.cli.drill.simulate_report import SimulateReport, Simulation
from iot_dr.cli.rto import RtoReport
from iot_dr.drill.simulate.scenario import scenario_of
from iot_dr.forecast.advice import changes
from iot_dr.forecast.drained_switch import drained_switch
from iot_dr.forecast.failover_cause import FailoverCause, cause_time
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.forecast.target import judge
from iot_dr.generate.expectation import recovery_inputs
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.rules.recovery_over_target import RULE
from iot_dr.terraform_json.plan_manifest import RecoveryForecast
from tests.iot_dr.forecast.strategies import INPUTS
from tests.iot_dr.forecast.test_recovery_time import DRILL
from tests.iot_dr.rules.designs import judged
from tests.support.examples import examples
from tests.support.settings import settings

TIME = recovery_time(recovery_inputs(settings()))


@pytest.mark.parametrize(
    ("p99", "bound", "words"),
    [
        (360, 360, "met"),
        (360, 360.1, "over in the bound"),
        (360.1, 360.1, "over in the 99 % case"),
        (360, float("inf"), "over in the bound"),
        (float("inf"), float("inf"), "over in the 99 % case"),
    ],
)
def test_a_target_is_met_up_to_its_last_second(p99: float, bound: float, words: str) -> None:
    assert judge(p99, bound, 360) == words


def simulated(chosen: Settings) -> SimulateReport:
    """Return the report of a simulation with the figures of the prediction."""
    simulation = Simulation(
        cache="own",
        flipped=90.0,
        p50=TIME.p50,
        p99=TIME.p99,
        last=TIME.bound,
        never_back=0,
        lost=0,
        most_lost=0,
        attempts=0,
        busiest_second=0,
        most_accepted=0,
        predicted=None,
    )
    return SimulateReport(
        settings=chosen, devices=10, outage="kill", seed=1, simulations=[simulation]
    )


@pytest.mark.parametrize(
    ("rto", "words"),
    [(474, "met"), (400, "over in the bound"), (200, "over in the 99 % case")],
)
def test_the_same_figures_get_the_same_words_and_only_one_of_them_blocks(
    rto: int, words: str
) -> None:
    chosen = settings(recovery={"rto": rto})
    figures = RecoveryForecast(p50=TIME.p50, p99=TIME.p99, bound=TIME.bound)
    verdicts = (
        RtoReport.of(chosen).verdict,
        RecoveryChange(figures, figures, rto).verdict,
        simulated(chosen).verdict,
    )
    assert set(verdicts) == {words}
    findings = [each.message.split(": ")[0] for each in judged(RULE, {}, chosen)]
    assert findings == [words] * verdicts[0].is_missed
    assert verdicts[0].is_missed == (words == "over in the 99 % case")


def test_where_the_fleet_waits_at_the_door_the_quota_helps_most() -> None:
    best, *_, least = changes(recovery_inputs(settings()))
    assert (best.setting, best.current, best.proposed) == ("recovery.connect_rate", 500, 1_000)
    assert best.gain > 90
    assert least.setting == "recovery.backoff_ceiling"


def test_a_threshold_of_2_gains_nothing_for_devices_with_a_cache_of_their_own() -> None:
    changes_ = {change.setting: change for change in changes(DRILL)}
    assert changes_["health.threshold"].proposed == 2
    assert changes_["health.threshold"].own_cache_gain == 0
    assert changes_["health.threshold"].shared_cache_gain > 5


def test_changes_without_gain_are_last() -> None:
    throttled = replace(DRILL, fleet=100_000, connect_rate=500)
    *_, last = changes(throttled)
    assert (last.setting, last.gain) == ("health.threshold", 0)


def test_a_shorter_ceiling_that_makes_it_longer_is_reported_as_a_loss() -> None:
    throttled = replace(
        DRILL, threshold=4, ttl=20, fleet=100_000, connect_rate=3_000, backoff_ceiling=10
    )
    changes_ = {change.setting: change for change in changes(throttled)}
    shorter = changes_["recovery.backoff_ceiling"]
    assert (shorter.gain, shorter.proposed) == (0, 5)
    assert shorter.loss == shorter.after.p99 - shorter.before.p99 > 5
    assert changes_["recovery.connect_rate"].loss == 0


def test_nothing_is_advised_that_costs_more_than_it_gains() -> None:
    inputs = replace(DRILL, threshold=2, ttl=10, backoff_ceiling=5)
    assert not changes(inputs)


@limits(max_examples=examples(30))
@given(INPUTS)
def test_advice_is_a_smaller_value_or_a_larger_quota_the_best_first(inputs: RecoveryInputs) -> None:
    changes_ = changes(inputs)
    assert [c.gain for c in changes_] == sorted((c.gain for c in changes_), reverse=True)
    for change in changes_:
        is_quota = change.setting == "recovery.connect_rate"
        assert (change.proposed > change.current) == is_quota
        assert change.gain >= 0


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
