"""Which settings a sweep recommends to change."""

import yaml

from iot_dr.drill.simulate.recommendation import effort, recommendation
from tests.iot_dr.drill.simulate.sweeps import pairs, swept

TTL, CEILING, RATE = "endpoint.ttl", "recovery.backoff_ceiling", "recovery.connect_rate"
NOW = {TTL: 60, CEILING: 30}


def test_settings_that_meet_the_target_stay_as_they_are() -> None:
    tried = pairs(TTL, CEILING, {(60, 30): 100, (10, 30): 50, (60, 10): 90, (10, 10): 40})
    advice = recommendation(tried, NOW, 100)
    assert advice.meets_target
    assert (advice.changes, advice.yaml(), advice.recommended.values) == ({}, "", NOW)


def test_the_cheapest_change_that_is_enough_is_reported_not_the_fastest() -> None:
    tried = pairs(TTL, CEILING, {(60, 30): 100, (10, 30): 70, (60, 10): 60, (10, 10): 40})
    advice = recommendation(tried, NOW, 75)
    assert advice.changes == {TTL: 10}
    assert yaml.safe_load(advice.yaml()) == {"endpoint": {"ttl": 10}}
    assert "# was 60" in advice.yaml()


def test_two_settings_of_one_block_come_below_it_together() -> None:
    now = {CEILING: 30, RATE: 500}
    tried = pairs(CEILING, RATE, {(30, 500): 100, (10, 1000): 40})
    advice = recommendation(tried, now, 50)
    assert yaml.safe_load(advice.yaml()) == {
        "recovery": {"backoff_ceiling": 10, "connect_rate": 1000}
    }


def test_the_nearest_is_reported_where_nothing_is_enough() -> None:
    tried = pairs(TTL, CEILING, {(60, 30): 100, (10, 30): 70, (60, 10): 60, (10, 10): 40})
    advice = recommendation(tried, NOW, 30)
    assert not advice.meets_target
    assert advice.changes == {TTL: 10, CEILING: 10}


def test_a_setting_that_gains_nothing_by_itself_is_named() -> None:
    tried = pairs(TTL, CEILING, {(60, 30): 100, (10, 30): 99.5, (60, 10): 80, (10, 10): 40})
    assert recommendation(tried, NOW, 50).without_gain == (TTL,)


def test_the_worse_of_the_two_caches_counts() -> None:
    tried = [swept({TTL: 60}, 100), swept({TTL: 10}, 80, better=50)]
    assert not recommendation(tried, {TTL: 60}, 70).meets_target


def test_a_larger_change_costs_more_and_a_quota_more_than_a_ttl() -> None:
    assert effort(NOW, {TTL: 30, CEILING: 30}) < effort(NOW, {TTL: 10, CEILING: 30})
    assert effort({RATE: 500}, {RATE: 600}) > effort(NOW, {TTL: 10, CEILING: 30})
    assert effort({"health.mode": "deep"}, {"health.mode": "shallow"}) > 0
    assert effort(NOW, NOW) == 0
