"""The report of `iot-dr status` as its reader, machines and those who watch see it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from iot_dr.cli.status import changes
from iot_dr.cli.status_report import StatusReport
from iot_dr.observe.state.snapshot import Snapshot
from iot_dr.observe.state.states_overview import StatesOverview, StateView
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.registry_ages import RegistryAges
from iot_dr.observe.status.report import Observations
from iot_dr.observe.status.subscriptions import Subscriptions
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.audit import AuditEntry
from stacks.state_location import StateLocation
from tests.iot_dr.observe.status.reports import (
    FAILING,
    HEALTHY,
    NOW,
    answered,
    blind_report,
    report,
    served,
    well,
)
from tests.iot_dr.observe.status.world import CENTRAL, WEST


def lines(seen: Observations) -> list[str]:
    return StatusReport(seen).text().splitlines()


def test_the_verdict_is_the_first_line() -> None:
    assert lines(report())[0] == "dev: ok"
    assert lines(blind_report())[0] == "dev: unknown: no query was answered; AWS: no way out"


def test_nothing_observed_begins_with_what_to_do_and_has_no_tables() -> None:
    shown = lines(blind_report())
    assert shown[1].startswith("Remedy: if it is deployed, log in with a profile of that account")
    assert "aws sso login --profile NAME && export AWS_PROFILE=NAME" in shown[1]
    assert shown[1].endswith("What AWS accepts: iot-dr doctor --env dev.")
    assert shown[2:4] == ["", "unknown: no way out"]


def test_an_environment_that_is_applied_in_the_sandbox_is_not_looked_for_in_aws() -> None:
    report = StatusReport(blind_report(), Path(".sandbox/dev"))
    assert report.exit_status == 1
    assert report.text().splitlines()[:2] == [
        "dev: unknown: it is applied in .sandbox/dev, on this machine alone",
        "Its states: iot-dr sandbox show --env dev. A failover: iot-dr drill run --env dev.",
    ]


def test_a_sandbox_changes_nothing_about_an_environment_that_answers() -> None:
    seen = report()
    assert StatusReport(seen, Path(".sandbox/dev")).text() == StatusReport(seen).text()


def test_a_row_for_each_region_shows_checks_switch_and_what_is_served() -> None:
    assert (
        "eu-west-1     primary  healthy 16/16  healthy 16/16  back    TLSv1.3, 42 ms,\n"
        "    *.iot-dev.example.com, 90 days left\n"
    ) in StatusReport(report()).text()


def test_what_is_not_checked_has_a_dash_and_what_asks_for_a_certificate_is_served() -> None:
    shallow = replace(well(WEST), checks={"tcp": HEALTHY}, endpoint=Handshake(address="192.0.2.1"))
    assert "eu-west-1     primary  -              healthy 16/16  back    served" in [
        line.rstrip() for line in lines(report(shallow))
    ]


def test_below_the_cause_are_the_next_step_the_evidence_and_who_set_a_switch() -> None:
    entry = AuditEntry(action="away", reason="drill", who="ada", at=NOW, outcome="done")
    checks = {"deep": FAILING, "tcp": HEALTHY}
    failing = replace(well(WEST), checks=checks, audit=entry, alarms={CENTRAL: "ALARM"})
    assert lines(report(failing, answered(CENTRAL)))[:5] == [
        (
            "dev: degraded: the deep check of eu-west-1 fails: its canary, or authorization, which"
            " the metrics of devices show some minutes later"
        ),
        (
            "Nothing to do: look again in some minutes; new connections go to eu-central-1"
            " (docs/runbooks/health.md)"
        ),
        "  also: eu-west-1 is switched away",
        "  eu-west-1: deep: 14 of 16 checkers: Failure: timed out",
        "  eu-west-1 switch: away by ada at 2026-01-02 03:04:05 UTC: drill",
    ]


def test_each_name_server_has_a_row_with_the_seconds_left() -> None:
    unseen = replace(answered(WEST, "192.0.2.9"), answer=UnknownValue("no answer within 1.5 s"))
    shown = lines(report(None, answered(WEST, "192.0.2.8", 17), unseen))
    assert "192.0.2.8    resolver  eu-west-1  17 s" in shown
    assert "192.0.2.9    resolver  unknown    -" in shown
    assert shown[-2:] == ["unknown: no answer within 1.5 s", "  192.0.2.9: answer"]


def test_what_is_unknown_is_reported_by_reason() -> None:
    shown = lines(blind_report())
    checks = "check deep, check tcp, check switch, TLS, switch, devices, audit of the switch"
    quotas = "quota connect_rate, quota connections"
    topic = "subscriptions of example-dev-alarms"
    assert shown[-6:] == [
        "unknown: no way out",
        "  192.0.2.53: answer",
        f"  eu-west-1: {checks}, {quotas}, {topic}",
        f"  eu-central-1: {checks}, {quotas}, {topic}",
        "  us-east-1: subscriptions of example-dev-health-checks",
        "  all regions: states",
    ]


def test_a_topic_that_nobody_is_subscribed_to_is_named() -> None:
    seen = report()
    first, *_, last = seen.subscriptions
    counts = {
        first: Subscriptions(confirmed=0, pending=1),
        last: Subscriptions(confirmed=2, pending=0),
    }
    shown = lines(replace(seen, subscriptions=counts))
    nobody = "add a subscription"
    assert f"example-dev-alarms         eu-west-1  0           1        {nobody}" in shown
    assert "example-dev-health-checks  us-east-1  2           0" in shown


def test_a_switch_whose_alarm_reports_leaves_nothing_unknown() -> None:
    seen = replace(well(WEST), checks={"switch": UnknownValue("no endpoint")})
    assert not [line for line in lines(report(seen)) if line.startswith("unknown: no endpoint")]


def test_states_are_safe_to_print() -> None:
    snapshot = Snapshot(written=NOW - timedelta(hours=1), lineage="\x1b[2J", serial=3)
    place = StateLocation(bucket="bucket", key="key", region=WEST)
    state = StateView(stack="iot-dev-state", location=place, is_copy=False, snapshot=snapshot)
    shown = lines(replace(report(), states=StatesOverview(states=(state,), fences=())))
    assert "  eu-west-1  state  3       \\u001b[2J  1:00:00" in shown


def test_the_exit_status_follows_the_verdict() -> None:
    degraded = replace(well(WEST), alarms={CENTRAL: "ALARM"})
    seen = (report(), blind_report(), report(degraded))
    assert [StatusReport(each).exit_status for each in seen] == [0, 1, 3]


def test_json_gives_unknown_with_its_reason_and_times_as_iso() -> None:
    document = StatusReport(blind_report()).document()
    assert document["observed_at"] == document["taken"] == "2026-01-02T03:04:05+00:00"
    assert document["states"] == {"unknown": "no way out"}
    assert document["by_checks"]["region"] is None
    assert document["by_checks"]["possible"] == [WEST, CENTRAL]
    assert document["by_checks"]["explanation"] == []
    assert document["regions"][0]["endpoint"] == {"unknown": "no way out"}


def test_what_passes_of_itself_is_not_a_change() -> None:
    now = replace(report(None, answered(WEST, ttl=12)), states=report().states)
    later = replace(now, names=(answered(WEST, ttl=7),), regions=report().regions)
    other = replace(well(WEST), endpoint=served(89.9), checks={"deep": HEALTHY})
    assert StatusReport(now).facts() == StatusReport(later).facts()
    assert StatusReport(report(other)).facts()["eu-west-1 TLS"] == "served"


def test_a_change_is_reported_with_what_it_was() -> None:
    before = {"verdict": "ok", "checks lead to": WEST, "resolver a": WEST}
    now = {"verdict": "ok", "checks lead to": CENTRAL, "resolver b": WEST}
    assert next(iter(changes({}, before))) == "verdict: ok"
    assert list(changes(before, now)) == [
        "checks lead to: eu-central-1 (was: eu-west-1)",
        "resolver b: eu-west-1",
        "resolver a: no longer queried",
    ]


def test_each_pair_of_regions_has_the_recovery_point_of_its_registry() -> None:
    ages = {
        WEST: {CENTRAL: RegistryAges(changes=31.4, shadows=None)},
        CENTRAL: UnknownValue("down"),
    }
    shown = StatusReport(replace(report(), registry_ages=ages))
    table = shown.text().partition("REGISTRY OF")[2].splitlines()
    assert [line.split()[:2] for line in table[1:3]] == [[CENTRAL, WEST], [WEST, CENTRAL]]
    assert "up to 31 s ago" in table[1]
    assert "not measured" in table[1]
    assert table[2].split()[2:] == ["unknown", "unknown"]
    assert "unknown: down\n  eu-central-1: registry of other regions" in shown.text()
    assert shown.document()["registry_ages"] == {
        WEST: {CENTRAL: {"changes": 31.4, "shadows": None}},
        CENTRAL: {"unknown": "down"},
    }
    assert "REGISTRY" not in StatusReport(report()).text()
