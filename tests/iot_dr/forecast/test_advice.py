"""Which setting to change for a shorter recovery time."""

from dataclasses import replace

from hypothesis import given
from hypothesis import settings as limits

from iot_dr.forecast.advice import changes
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.generate.expectation import recovery_inputs
from tests.iot_dr.forecast.strategies import INPUTS
from tests.iot_dr.forecast.test_recovery_time import DRILL
from tests.support.examples import examples
from tests.support.settings import settings


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
