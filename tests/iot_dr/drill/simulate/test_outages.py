"""What outages of other kinds than a kill do to a simulated fleet."""

from dataclasses import replace
from math import inf, isinf

import pytest

from iot_dr.drill.simulate.scenario import Scenario, scenario_of
from iot_dr.drill.simulate.simulation import simulate
from tests.support.settings import settings

DEVICES = 2_000


def test_a_shallow_check_never_sees_an_expired_certificate() -> None:
    outcome = simulate(DEVICES, Scenario(outage="expired", horizon=300), 1)
    assert isinf(outcome.failover_at)
    assert (outcome.never, outcome.p50, outcome.last) == (DEVICES, inf, inf)
    assert not outcome.accepted.any()


def test_devices_that_are_never_back_lose_and_try_until_the_horizon() -> None:
    outcome = simulate(DEVICES, Scenario(outage="expired", horizon=600), 1)
    assert {54, 55} >= set(outcome.lost.tolist())
    # A back-off of 30 s is waited out for 15 s on average.
    assert 32 < outcome.attempts[100:600].sum() / DEVICES < 35
    assert not outcome.attempts[602:].any()


def test_a_deep_check_sees_an_expired_certificate() -> None:
    outcome = simulate(DEVICES, Scenario(outage="expired", mode="deep"), 1)
    assert outcome.failover_at < 50
    assert outcome.never == 0


def test_an_operator_s_switch_moves_nobody_whose_link_stays() -> None:
    outcome = simulate(DEVICES, Scenario(outage="switch"), 1)
    assert outcome.failover_at < inf
    assert (outcome.last, int(outcome.lost.sum()), outcome.never) == (0, 0, 0)
    assert not outcome.accepted.any()


def test_links_that_an_operator_closes_move_at_that_rate_and_lose_nothing() -> None:
    outcome = simulate(DEVICES, Scenario(outage="switch", drain=100), 1, 30.0)
    # A back-off of at most a second after each link is closed, from a TTL after the failover on.
    assert 0 < outcome.p50 < outcome.last <= 1.001
    assert int(outcome.lost.sum()) == 0
    assert not outcome.accepted[:90].any()
    assert abs(int(outcome.accepted[:100].sum()) - 1_000) <= 100
    assert int(outcome.accepted.sum()) == DEVICES


def test_closing_links_faster_than_the_standby_accepts_costs_time_and_messages() -> None:
    """Has the figures of ADR 0047."""
    standby = Scenario(outage="switch", connect_rate=100)
    gentle = simulate(10_000, replace(standby, drain=50), 1)
    hasty = simulate(10_000, replace(standby, drain=1_000), 1)
    assert gentle.last <= 1
    assert hasty.p99 == pytest.approx(99.8, abs=0.1)
    assert (int(gentle.lost.sum()), int(hasty.lost.sum())) == (0, 5_977)


def test_resolvers_that_stretch_ttls_hold_back_their_devices_alone() -> None:
    plain = simulate(DEVICES, Scenario(), 1, 36.0)
    stretched = Scenario(stretched=0.1, stretched_ttl=300)
    outcome = simulate(DEVICES, stretched, 1, 36.0)
    held_back = outcome.recovered[: DEVICES // 10]
    assert float(held_back.min()) > 300
    assert float(held_back.max()) < 300 + 30 + 1
    assert abs(outcome.p50 - plain.p50) < 5
    assert outcome.p99 > 300


def test_a_scenario_has_what_the_settings_say() -> None:
    chosen = settings(
        endpoint={"ttl": 20},
        health={"mode": "shallow", "interval": 10, "threshold": 2},
        recovery={"connect_rate": 700, "backoff_ceiling": 45},
    )
    scenario = scenario_of(chosen, "drop", cache="shared")
    assert scenario == replace(
        Scenario(),
        outage="drop",
        cache="shared",
        mode="shallow",
        interval=10,
        threshold=2,
        ttl=20,
        connect_rate=700,
        habits=replace(Scenario().habits, ceiling=45),
    )
