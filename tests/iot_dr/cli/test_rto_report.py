"""The report of `iot-dr rto`."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from environments.data import Data
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.cli.rto import RtoReport
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import design_expectation, recovery_inputs
from iot_dr.rules.recovery_over_target import RULE
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.forecast.strategies import INPUTS
from tests.support.examples import examples
from tests.support.settings import settings, with_data

DEFAULTS = recovery_inputs(settings())


def settings_of(inputs: RecoveryInputs, rto: int = 360) -> Settings:
    return settings(
        health={"mode": inputs.mode, "interval": inputs.interval, "threshold": inputs.threshold},
        endpoint={"ttl": inputs.ttl},
        recovery={
            "rto": rto,
            "fleet": inputs.fleet,
            "connect_rate": inputs.connect_rate,
            "backoff_ceiling": inputs.backoff_ceiling,
        },
    )


def report(rto: int = 360, inputs: RecoveryInputs = DEFAULTS) -> RtoReport:
    return RtoReport.of(settings_of(inputs, rto))


def one_line(rto: int = 360, inputs: RecoveryInputs = DEFAULTS) -> str:
    """Return the text on one line, since sentences are broken anywhere."""
    return " ".join(report(rto, inputs).text().split())


def test_the_first_line_has_the_verdict_and_the_figures_of_the_model() -> None:
    time = recovery_time(DEFAULTS)
    first = report(rto=400).text().splitlines()[0]
    assert first == (
        f"dev: over in the bound: p50 {time.p50:.0f} s, p99 {time.p99:.0f} s,"
        f" bound {time.bound:.0f} s, target 400 s (recovery.rto)"
    )


def test_each_term_is_reported_with_its_times_its_settings_and_its_source() -> None:
    lines = re.sub(r"\n {4,}", " ", report().text()).splitlines()
    sources = dict(line.split(" ", 1) for line in lines if line.startswith("["))
    for term in recovery_time(DEFAULTS).terms:
        name = f"{term.name}  "
        numbers, meaning = (line for line in lines if line.startswith(name))
        usual, latest, basis, source = numbers.removeprefix(term.name).split()
        assert (usual, latest, basis) == (f"{term.typical:.1f}", f"{term.maximum:.1f}", term.basis)
        assert sources[source] == term.source
        keys = f" ({', '.join(term.settings)})" if term.settings else ""
        assert meaning.removeprefix(term.name).strip() == f"{term.description}{keys}"


def test_a_devices_own_cache_is_listed_with_a_shared_one() -> None:
    time = recovery_time(DEFAULTS)
    assert f"device {time.own_cache.p50:.0f} s {time.own_cache.p99:.0f} s" in one_line()
    assert f"resolver {time.shared_cache.p50:.0f} s {time.shared_cache.p99:.0f} s" in one_line()


@pytest.mark.parametrize(
    ("rto", "verdict", "words"),
    [
        (473, "met", "All devices are back in time, even in the worst case."),
        (
            472,
            "over in the bound",
            "99 % of the devices are back in time, but not all in the worst case.",
        ),
        (323, "over in the bound", "The largest term of the bound is throttle, up to 200 s"),
        (322, "over in the 99 % case", "Too late."),
    ],
)
def test_the_verdict_is_explained(rto: int, verdict: str, words: str) -> None:
    assert one_line(rto).startswith(f"dev: {verdict}: ")
    assert words in one_line(rto)


def test_a_target_that_cannot_be_met_names_the_term_that_is_too_large() -> None:
    assert (
        "Too late. The largest term is throttle, up to 200 s: the standby limits connections per"
        " second (recovery.fleet, recovery.connect_rate). No single change suffices."
    ) in one_line(rto=180)


def test_a_term_of_dropped_packets_only_is_not_the_largest_term() -> None:
    inputs = RecoveryInputs(
        mode="shallow",
        interval=10,
        threshold=1,
        ttl=10,
        fleet=500,
        connect_rate=500,
        backoff_ceiling=5,
    )
    assert recovery_time(inputs).largest_term.name == "hanging connect"
    assert report(rto=10, inputs=inputs).largest_term.name == "detection"
    assert "No single change shortens it." in one_line(rto=10, inputs=inputs)


def test_the_changes_that_meet_the_target_alone_are_named() -> None:
    assert (
        "Sufficient alone: recovery.connect_rate 500 -> 1000, health.interval 30 -> 10."
    ) in one_line(rto=265)


def test_each_change_is_reported_with_its_gain() -> None:
    lines = report().text().splitlines()
    best, *_ = report().helpful
    assert (best.setting, best.proposed) == ("recovery.connect_rate", 1_000)
    after = recovery_time(replace(DEFAULTS, connect_rate=1_000))
    row = next(line for line in lines if line.startswith("recovery.connect_rate 500 -> 1000"))
    gain = recovery_time(DEFAULTS).p99 - after.p99
    assert row.split(" -> 1000")[1].split()[::2][:2] == [f"{after.p99:.0f}", f"{gain:.0f}"]
    assert row.endswith(f"{after.bound:.0f} s")


def test_a_change_without_effect_is_reported_with_the_devices_it_helps() -> None:
    fast = replace(DEFAULTS, interval=10)
    assert (
        "No effect: health.threshold 3 -> 2 (10 s with a shared resolver only),"
        " recovery.fail_back (affects only the fail-back)."
    ) in one_line(inputs=fast)


def test_a_change_that_makes_recovery_longer_is_not_advised() -> None:
    inputs = replace(DEFAULTS, interval=10, threshold=4, ttl=45, backoff_ceiling=10)
    assert "Longer with: recovery.backoff_ceiling 10 -> 5 (34 s)." in one_line(inputs=inputs)


def test_fail_back_changes_no_figure() -> None:
    for mode in ("latched", "auto"):
        changed = settings(recovery={"fail_back": mode})
        assert RtoReport.of(changed).time == recovery_time(DEFAULTS)


def test_without_data_there_is_no_recovery_point() -> None:
    point = one_line().partition(" Assumed of AWS: ")[0]
    assert point.endswith(
        "Recovery point: none: the settings have no data block, so the registry and device states"
        " are not replicated, and are lost with their region."
    )
    assert report().document()["recovery_point"] is None


def test_each_term_of_the_recovery_point_is_reported_with_its_settings_and_its_source() -> None:
    data = Data(stream_hours=48, reconcile_hours=6, point_in_time_days=10)
    predicted = RtoReport.of(settings().model_copy(update={"data": data}))
    _, _, point = predicted.text().partition("\nRecovery point: ")
    assert point.startswith("typically the last 2 s of device states of a lost region are not")
    lines = [" ".join(line.split()) for line in re.sub(r"\n {4,}", " ", point).splitlines()]
    assert "replication 1 s - documented [1]" in lines
    assert "backlog 1 s 600 s set [2]" in lines
    assert "missed change 0 s 6 h set [3]" in lines
    assert "stream 48 h 48 h set [4]" in lines
    assert "restore 10 d 10 d set [5]" in lines
    keys = ("data.reconcile_hours", "data.stream_hours", "data.point_in_time_days")
    assert all(any(line.endswith(f" ({each})") for line in lines) for each in keys)
    assert predicted.point is not None
    assert [line for line in lines if line.startswith("[")] == [
        f"[{number}] {term.source}" for number, term in enumerate(predicted.point.terms, 1)
    ]
    (replication, _, missed, *_) = predicted.document()["recovery_point"]
    assert (replication["typical"], replication["maximum"]) == (1.0, None)
    assert (missed["maximum"], missed["settings"]) == (21_600.0, {"data.reconcile_hours": 6})


@pytest.mark.parametrize(
    "given",
    [*load_all("all", {}), with_data(settings())],
    ids=["dev", "prod", "staging", "with data"],
)
def test_lines_fit_100_columns_but_for_a_sources_address(given: Settings) -> None:
    lines = RtoReport.of(given).text().splitlines()
    assert [line for line in lines if len(line) >= 100 and not line.startswith("[")] == []


@limits(max_examples=examples(30))
@given(INPUTS, st.integers(1, 86_400))
def test_any_settings_give_a_report_that_agrees_with_the_rule(
    inputs: RecoveryInputs, rto: int
) -> None:
    given = settings_of(inputs, rto)
    predicted = RtoReport.of(given)
    verdicts = [
        finding.verdict.value for finding in RULE.find(ResourceSet(()), design_expectation(given))
    ]
    assert verdicts == ["block"] * predicted.verdict.is_missed
    assert predicted.text().startswith(f"dev: {predicted.verdict}: ")
    groups = predicted.helpful + predicted.idle + predicted.harmful
    assert sorted(change.setting for change in groups) == sorted(
        row["setting"] for row in predicted.document()["changes"]
    )
