"""What follows from one event after another: the watcher, the switches, the pages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.forecast.failover_cause import FailoverCause, cause_time, cause_times
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from iot_dr.route53.failover_config import FailoverConfig
from tests.iot_dr.forecast.strategies import CHAINS, HEALTH, INPUTS, SWITCHES
from tests.support.drill_worlds import world
from tests.support.failover_history import Alarm, Event, FailoverState, Page, history, latch
from tests.support.region_health import Health, RegionHealth
from tests.support.settings import settings

LATCHED = FailoverConfig(order=("a", "b"))
AUTO = FailoverConfig(order=("a", "b"), fail_back="auto")
GONE = RegionHealth(deep=False, tcp=False)
DEEP = RegionHealth(deep=False)
TCP = RegionHealth(tcp=False)
A = frozenset("a")


def lived(config: FailoverConfig, *events: Event) -> list[FailoverState]:
    return list(history(config, events))


def answers(config: FailoverConfig, *events: Event) -> list[str]:
    return [moment.answer.leads_to for moment in lived(config, *events)]


def test_latched_devices_stay_away_until_an_operator_switches_back() -> None:
    events = Event(health={"a": GONE}), Event(), Event(), Event(switched_back=A), Event()
    assert answers(LATCHED, *events) == ["b", "b", "b", "a", "a"]


def test_with_auto_devices_go_back_when_the_primary_is_well() -> None:
    assert answers(AUTO, Event(health={"a": GONE}), Event()) == ["b", "a"]


def test_switching_back_to_a_primary_that_still_fails_is_latched_again() -> None:
    (_, moment) = lived(
        LATCHED, Event(health={"a": GONE}), Event(health={"a": GONE}, switched_back=A)
    )
    assert (moment.answer.leads_to, moment.switches) == ("b", A)


def test_a_watcher_that_sees_neither_region_switches_nothing() -> None:
    both = {"a": GONE, "b": TCP}
    assert latch(LATCHED, both, frozenset()) == frozenset()


def test_a_storm_on_the_standby_does_not_keep_the_watcher_from_latching() -> None:
    stormed = {"a": GONE, "b": DEEP}
    assert latch(LATCHED, stormed, frozenset()) == A


def test_a_shallow_watcher_looks_at_tcp() -> None:
    shallow = FailoverConfig(order=("a", "b"), mode="shallow")
    assert latch(shallow, {"a": DEEP}, frozenset()) == frozenset()
    assert latch(shallow, {"a": TCP, "b": DEEP}, frozenset()) == A


@given(CHAINS, HEALTH, SWITCHES)
def test_watchers_clear_no_switch_and_set_those_of_the_regions_before_the_last_failed_one(
    config: FailoverConfig, health: Health, switches: frozenset[str]
) -> None:
    after = latch(config, health, switches)
    assert switches <= after
    set_now = after - switches
    assert not set_now or {*config.order[: max(map(config.order.index, set_now)) + 1]} <= after
    assert config.last not in set_now
    assert config.fail_back == "latched" or after == switches


@given(CHAINS, st.lists(HEALTH, min_size=1, max_size=8))
def test_without_an_operator_a_latched_primary_serves_no_more(
    config: FailoverConfig, states: list[Health]
) -> None:
    moments = lived(config, *(Event(health=health) for health in states))
    latched = [config.primary in moment.switches for moment in moments]
    assert latched == sorted(latched)
    for moment in moments:
        if config.primary in moment.switches:
            assert moment.answer.leads_to != config.primary or moment.answer.is_fallback


def test_a_standby_whose_deep_check_fails_pages_before_any_device_moves() -> None:
    (moment,) = lived(LATCHED, Event(health={"b": DEEP}))
    assert moment.pages == (Page("b", Alarm.DEEP), Page("b", Alarm.CANARY))
    assert moment.pages_before_failover(LATCHED)


def test_a_primary_whose_tcp_fails_while_its_messages_go_through_pages_and_stays() -> None:
    (moment,) = lived(LATCHED, Event(health={"a": TCP}))
    assert (moment.answer.leads_to, moment.pages) == ("a", (Page("a", Alarm.TCP),))
    assert moment.pages_before_failover(LATCHED)


def test_a_move_and_a_fallback_are_not_a_warning_ahead() -> None:
    for failing in ({"a": GONE}, {"a": GONE, "b": GONE}):
        (moment,) = lived(LATCHED, Event(health=failing))
        assert moment.pages
        assert not moment.pages_before_failover(LATCHED)


def test_the_alarms_inside_a_region_that_is_gone_reach_nobody() -> None:
    (moment,) = lived(LATCHED, Event(health={"a": GONE, "b": GONE}))
    assert {page.alarm for page in moment.pages} == {Alarm.DEEP, Alarm.TCP}


def test_whoever_switches_somebody_is_paged() -> None:
    by_hand, by_watcher = Event(switched_away=A), Event(health={"a": GONE})
    for event in (by_hand, by_watcher):
        (moment,) = lived(LATCHED, event)
        assert Page("a", Alarm.SWITCH) in moment.pages


@given(CHAINS, HEALTH, SWITCHES)
def test_whenever_the_answer_is_not_a_healthy_primary_somebody_is_paged(
    config: FailoverConfig, health: Health, switches: frozenset[str]
) -> None:
    (moment,) = history(config, [Event(health=health)], switches)
    is_usual = moment.answer.leads_to == config.primary and not moment.answer.is_fallback
    assert is_usual or moment.pages


NAMES = {
    FailoverCause.ENDPOINT: "detection, hanging probes, aggregation",
    FailoverCause.DEEP: "detection, hanging probes, canary, aggregation",
    FailoverCause.SWITCH: "alarm, aggregation",
    FailoverCause.WATCHER: "schedule, watch, alarm, aggregation",
}


@pytest.mark.parametrize("cause", FailoverCause)
def test_each_cause_has_its_terms(cause: FailoverCause) -> None:
    time = cause_time(recovery_inputs(settings()), cause)
    assert ", ".join(term.name for term in time.terms) == NAMES[cause]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, set()),
        ({"health": {"mode": "shallow"}}, {FailoverCause.DEEP}),
        ({"recovery": {"fail_back": "auto"}}, {FailoverCause.WATCHER}),
    ],
    ids=["all", "shallow", "auto"],
)
def test_an_environment_has_the_causes_of_its_settings(
    changes: dict[str, dict[str, str]], missing: set[FailoverCause]
) -> None:
    chosen = settings(**changes)
    times = cause_times(recovery_inputs(chosen), chosen.recovery.fail_back)
    causes = [time.cause for time in times]
    assert causes == [cause for cause in FailoverCause if cause not in missing]


@given(INPUTS)
def test_a_term_lies_between_its_minimum_and_its_maximum(inputs: RecoveryInputs) -> None:
    for cause in FailoverCause:
        for term in cause_time(inputs, cause).terms:
            assert 0 <= term.minimum <= term.typical <= term.maximum, term


@given(INPUTS)
def test_the_primarys_own_check_has_the_terms_of_the_recovery_time(inputs: RecoveryInputs) -> None:
    own = FailoverCause.DEEP if inputs.mode == "deep" else FailoverCause.ENDPOINT
    terms = {term.name: term for term in recovery_time(inputs).terms}
    assert all(terms[term.name] == term for term in cause_time(inputs, own).terms)


def test_the_watchers_longest_watch_is_the_timeout_of_its_function() -> None:
    (watcher,) = world(settings()).watchers
    time = cause_time(recovery_inputs(settings()), FailoverCause.WATCHER)
    (watch,) = [term for term in time.terms if term.name == "watch"]
    assert watcher
    assert watcher.timeout == watch.maximum


def test_a_watcher_waits_for_two_failed_probes_even_with_a_threshold_of_1() -> None:
    inputs = recovery_inputs(settings(health={"interval": 30, "threshold": 1}))
    terms = {term.name: term for term in cause_time(inputs, FailoverCause.WATCHER).terms}
    assert terms["watch"].minimum == 30


def test_the_page_about_failover_names_all_terms() -> None:
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "failover.md").read_text(
        encoding="utf-8"
    )
    names = {name for names in NAMES.values() for name in names.split(", ")}
    assert [name for name in sorted(names) if f"| {name} |" not in page] == []
