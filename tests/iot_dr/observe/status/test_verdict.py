"""When an environment counts as degraded."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from iot_dr.common.user_error import UserError
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.name_answers import NameAnswer
from iot_dr.observe.status.report import Observations
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.status.verdict import StatusVerdict
from iot_dr.observe.switch.alarm_copies import AlarmCopy
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.registers import Register, RegisterEntry, UnreadableRegisterError
from iot_dr.observe.switch.rotation import Rotation
from iot_dr.route53.check import AlarmState
from tests.iot_dr.observe.status.reports import (
    BLIND,
    FAILING,
    HEALTHY,
    NOW,
    answered,
    blind,
    blind_report,
    report,
    served,
    well,
)
from tests.iot_dr.observe.status.world import CENTRAL, WEST


def words(seen: Observations) -> str:
    return StatusVerdict.of(seen).words


def west(**changes: Any) -> Observations:
    """Return a report with something changed about the primary."""
    return report(replace(well(WEST), **changes))


def test_all_that_is_well_is_ok() -> None:
    assert words(report()) == "ok"


def test_nothing_seen_is_unknown() -> None:
    assert words(blind_report()) == "unknown: no query was answered; AWS: no way out"
    assert words(replace(blind_report(), states=report().states)) == (
        "unknown: no query was answered"
    )


def test_a_device_name_that_is_not_in_dns_is_nothing_seen() -> None:
    absent = replace(answered(WEST), answer=NameAnswer())
    assert words(replace(blind_report(), names=(absent,))) == (
        "unknown: AWS: no way out; public DNS does not have mqtt.iot-dev.example.com"
    )
    assert words(report(None, absent)).startswith("degraded: DNS answers no CNAME")


def test_what_could_not_be_read_is_named_and_not_taken_for_healthy() -> None:
    dark = replace(blind(WEST), endpoint=served())
    assert words(replace(blind_report(), regions=(dark,), names=(answered(WEST),))) == (
        "unknown: could not be read: eu-west-1: check deep, check tcp, switch, devices"
    )
    assert words(report(None, replace(answered(WEST), answer=BLIND))) == (
        "unknown: could not be read: the answer of name servers"
    )
    assert words(west(devices=BLIND)) == "unknown: could not be read: eu-west-1: devices"


def test_subscriptions_alone_are_something_that_was_seen() -> None:
    seen = replace(blind_report(), subscriptions=report().subscriptions)
    assert not words(seen).startswith("unknown: nothing at all")


def test_an_unknown_answer_is_degraded() -> None:
    unseen = replace(answered(WEST), answer=BLIND)
    assert words(report(blind(WEST), unseen)) == "degraded: which region answers is unknown"


def test_a_primary_that_fails_is_degraded_and_the_answering_region_named() -> None:
    failing = {"deep": FAILING, "tcp": HEALTHY, "switch": HEALTHY}
    seen = replace(west(checks=failing), names=(answered(CENTRAL),))
    assert words(seen) == (
        "degraded: eu-central-1 answers, not the primary eu-west-1; eu-west-1: deep fails"
    )


def test_a_standby_that_fails_is_degraded() -> None:
    failing = replace(well(CENTRAL), checks={"tcp": FAILING})
    seen = replace(report(), regions=(well(WEST), failing))
    assert words(seen) == "degraded: eu-central-1: tcp fails"


def test_no_healthy_region_is_reported_as_such() -> None:
    regions = tuple(
        replace(well(each), checks={"deep": FAILING, "tcp": FAILING}) for each in (WEST, CENTRAL)
    )
    assert words(replace(report(), regions=regions)).startswith(
        "degraded: no region is healthy, so Route 53 answers eu-west-1; eu-west-1: deep fails"
    )


def test_servers_that_disagree_are_degraded() -> None:
    seen = report(None, answered(WEST, "192.0.2.1"), answered(CENTRAL, "192.0.2.2", 17))
    assert words(seen) == "degraded: name servers disagree: eu-central-1, eu-west-1"


@pytest.mark.parametrize(
    ("region", "answers"),
    [(CENTRAL, "eu-central-1"), (None, "a foreign name: other.example.org")],
)
def test_dns_that_does_not_follow_the_checks_is_degraded(region: str | None, answers: str) -> None:
    seen = report(None, answered(region))
    assert words(seen) == f"degraded: DNS answers {answers}, the checks lead to eu-west-1"


def test_a_standby_that_dns_leads_to_is_degraded_without_checks_too() -> None:
    seen = replace(blind_report(), names=(answered(CENTRAL),))
    assert words(seen) == "degraded: eu-central-1 answers, not the primary eu-west-1"


@pytest.mark.parametrize(("days", "verdict"), [(30.0, "ok"), (29.4, "degraded")])
def test_a_certificate_under_30_days_is_degraded(days: float, verdict: str) -> None:
    seen = StatusVerdict.of(west(endpoint=served(days)))
    assert seen.word == verdict
    assert seen.reasons in {(), ("eu-west-1: certificate ends in 29 days",)}


def test_a_region_that_serves_no_device_is_degraded() -> None:
    seen = west(endpoint=Handshake(address="192.0.2.1", problem="Connection refused"))
    assert words(seen) == "degraded: eu-west-1: TLS: Connection refused"


def test_a_switch_that_is_put_is_degraded_also_before_its_check_follows() -> None:
    assert words(west(alarms={"eu-west-2": "ALARM"})) == "degraded: eu-west-1: switched away"


def test_a_region_that_is_being_rotated_is_degraded_and_named() -> None:
    begun = Rotation(
        who="arn:ada", at=NOW, before="arn:old", was_away=False, last_who="arn:bob", last_at=NOW
    )
    assert words(west(rotation=begun)) == (
        "degraded: eu-west-1: being rotated, begun by arn:ada at 2026-01-02 03:04:05 UTC, last at"
        " it was arn:bob at 2026-01-02 03:04:05 UTC"
    )
    assert words(west(rotation=BLIND)) == "unknown: could not be read: eu-west-1: rotation"


def test_without_a_report_on_the_switch_its_alarm_decides() -> None:
    checks = {"deep": HEALTHY, "tcp": HEALTHY, "switch": BLIND}
    seen = west(checks=checks, alarms={"eu-west-2": "ALARM"})
    assert seen.route.region == CENTRAL
    assert west(checks=checks, alarms={"eu-west-2": "INSUFFICIENT_DATA"}).route.region == WEST


def test_a_switch_that_was_never_put_is_well() -> None:
    assert words(west(alarms={"eu-west-2": "INSUFFICIENT_DATA"})) == "ok"


def test_the_zones_own_servers_outdo_what_others_remember() -> None:
    own = replace(answered(CENTRAL, "ns-1.example.net"), kind="authoritative")
    seen = replace(blind_report(), names=(own, answered(WEST)))
    assert words(seen) == (
        "degraded: eu-central-1 answers, not the primary eu-west-1;"
        " name servers disagree: eu-central-1, eu-west-1"
    )


def test_a_foreign_name_is_degraded_without_checks_too() -> None:
    seen = replace(blind_report(), names=(answered(None),))
    assert words(seen) == "degraded: DNS answers a foreign name: other.example.org"


def test_a_region_that_one_of_two_alarms_switches_away_is_explained_once() -> None:
    alarms = {"eu-west-2": "OK", "eu-north-1": "ALARM"}
    lead = "degraded: eu-west-1: switched away by its alarm in eu-north-1 alone: "
    by_watcher = "a watcher set it, or it missed a switch back; switch back sets both"
    assert words(west(alarms=alarms)) == lead + by_watcher
    now = datetime.now(UTC)
    back = AuditEntry(action="back", reason="r", who="w", at=now, outcome="done")
    assert words(west(alarms=alarms, audit=back)) == lead + by_watcher
    away = back.model_copy(update={"action": "away"})
    assert words(west(alarms=alarms, audit=away)) == (
        f"{lead}that in eu-west-2 did not follow the operator's switch"
    )
    alike = west(alarms={"eu-west-2": "OK", "eu-north-1": "INSUFFICIENT_DATA"})
    assert words(alike) == "ok"


def test_an_old_copy_of_a_switch_s_alarm_is_degraded_and_one_that_is_unknown_is_not() -> None:
    copy = AlarmCopy(
        region=WEST,
        alarm_region=CENTRAL,
        check_id="c1",
        alarm="switch",
        differences=("Period is 300",),
    )
    assert words(replace(report(), copies=(copy,))) == (
        "degraded: eu-west-1: Route 53 follows an old copy of the switch's alarm in eu-central-1:"
        " Period is 300"
    )
    for known in ((), UserError("no answer")):
        assert words(replace(report(), copies=(replace(copy, differences=known),))) == "ok"
    assert words(replace(report(), copies=BLIND)) == "ok"


AWAY, BACK, UNSET = (RegisterEntry(value=value, number=1) for value in ("away", "back", "unset"))


@pytest.mark.parametrize(
    ("alarm", "register", "reason"),
    [
        ("OK", None, ""),
        ("OK", BACK, ""),
        ("ALARM", AWAY, ""),
        ("ALARM", UserError("no answer"), ""),
        (UnknownValue("no answer"), AWAY, ""),
        ("OK", AWAY, "its register in eu-west-2 is away, which its alarm has not followed"),
        ("ALARM", BACK, "its register in eu-west-2 is back, so that nothing repeats `away` there"),
        ("ALARM", UNSET, "its register in eu-west-2 is unset, so that nothing repeats"),
        ("ALARM", None, "its register in eu-west-2 is missing, so that nothing repeats"),
        ("OK", UnreadableRegisterError("x: is not"), "in eu-west-2 is not published: x: is not"),
    ],
)
def test_a_register_that_differs_from_its_alarm_is_reported(
    alarm: AlarmState | UnknownValue, register: Register, reason: str
) -> None:
    seen = words(west(alarms={"eu-west-2": alarm}, registers={"eu-west-2": register}))
    assert reason in seen
    assert ("register" in seen) == bool(reason)
