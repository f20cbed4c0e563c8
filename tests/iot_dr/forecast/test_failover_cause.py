"""How soon the answer moves, by its cause."""

from pathlib import Path

import pytest
from hypothesis import given

from iot_dr.forecast.failover_cause import FailoverCause, cause_time, cause_times
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from tests.iot_dr.forecast.strategies import INPUTS
from tests.support.drill_worlds import world
from tests.support.settings import settings

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
