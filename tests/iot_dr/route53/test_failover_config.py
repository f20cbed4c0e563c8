"""The order in which regions take over, which region the device name leads to, and why."""

from dataclasses import replace

import pytest
from hypothesis import given

from iot_dr.generate.expectation import failover_config
from iot_dr.route53.failover_config import FailoverConfig
from tests.iot_dr.forecast.strategies import CHAINS, HEALTH, SWITCHES
from tests.support.region_health import HEALTHY, Health, RegionHealth, answer
from tests.support.settings import REGIONS, settings

THREE = FailoverConfig(order=("a", "b", "c"))
NONE: frozenset[str] = frozenset()
GONE = RegionHealth(deep=False, tcp=False)


def test_the_failover_config_of_an_environment_has_its_order_and_modes() -> None:
    chosen = settings(
        regions=list(REGIONS[:3]),
        primary_region=REGIONS[1],
        health={"mode": "shallow"},
        recovery={"fail_back": "auto"},
    )
    order = (REGIONS[1], REGIONS[0], REGIONS[2])
    assert failover_config(chosen) == FailoverConfig(order=order, mode="shallow", fail_back="auto")


@pytest.mark.parametrize("order", [(), ("a",), ("a", "a"), ("a", "b", "a"), tuple("abcdef")])
def test_one_region_six_regions_or_a_duplicate_are_refused(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="2 to 5 distinct regions"):
        FailoverConfig(order=order)


@given(CHAINS, HEALTH, SWITCHES)
def test_any_state_has_one_answer_from_the_order(
    config: FailoverConfig, health: Health, switches: frozenset[str]
) -> None:
    result = answer(config, health, switches)
    assert result.leads_to in config.order
    assert result.decisions[0].name == "device name"
    assert result.decisions[-1].chosen.target == result.leads_to
    assert result.is_fallback <= (result.leads_to == config.primary)


@given(CHAINS, HEALTH, SWITCHES)
def test_the_answer_is_the_first_healthy_region_in_order(
    config: FailoverConfig, health: Health, switches: frozenset[str]
) -> None:
    def serves(region: str) -> bool:
        state = health.get(region, HEALTHY)
        well = state.is_healthy(config.mode) if region == config.primary else state.tcp
        return well and (region not in switches or region == config.last)

    def answers_again(region: str) -> bool:
        return health.get(region, HEALTHY).tcp

    first = next((region for region in config.order if serves(region)), None)
    first = first or next((each for each in config.order[1:-1] if answers_again(each)), None)
    result = answer(config, health, switches)
    assert result.leads_to == (first or config.primary)
    assert result.is_fallback == (first is None)


@given(CHAINS, HEALTH, SWITCHES)
def test_no_deep_check_of_a_standby_ever_moves_the_answer(
    config: FailoverConfig, health: Health, switches: frozenset[str]
) -> None:
    for standby in config.order[1:]:
        state = health.get(standby, HEALTHY)
        stormed = {**health, standby: replace(state, deep=not state.deep)}
        assert answer(config, stormed, switches) == answer(config, health, switches)


def test_the_last_region_cannot_be_switched_away() -> None:
    assert answer(THREE, {}, frozenset("abc")).leads_to == "c"


def test_with_all_unhealthy_the_answer_is_the_primary_and_says_so() -> None:
    result = answer(THREE, dict.fromkeys("abc", GONE), NONE)
    assert (result.leads_to, result.is_fallback) == ("a", True)


def test_the_answer_lists_each_decision_and_its_failed_checks() -> None:
    health = {"a": RegionHealth(deep=False), "b": RegionHealth(tcp=False)}
    assert list(answer(THREE, health, NONE).lines()) == [
        "device name: SECONDARY, points to nested name 1",
        "  PRIMARY uses CALCULATED(deep a, switch a): unhealthy",
        "    deep a: unhealthy",
        "    switch a: healthy",
        "  SECONDARY uses nested name 1: healthy",
        "nested name 1: SECONDARY, points to nested name 2",
        "  PRIMARY uses CALCULATED(TCP b, switch b): unhealthy",
        "    TCP b: unhealthy",
        "    switch b: healthy",
        "  SECONDARY uses nested name 2: healthy",
        "nested name 2: PRIMARY, points to c",
        "  PRIMARY uses TCP c: healthy",
        "  SECONDARY uses TCP b: unhealthy",
    ]


def test_a_standby_that_was_switched_away_serves_when_nothing_else_does() -> None:
    result = answer(THREE, dict.fromkeys("ac", GONE), frozenset("ab"))
    assert (result.leads_to, result.is_fallback) == ("b", False)
