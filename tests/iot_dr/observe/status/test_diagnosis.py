"""The cause, the next command, and what forbids a command."""

from dataclasses import replace
from typing import Any

import pytest

from iot_dr.observe.status.cause import Cause
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.metrics import WINDOW, CheckHistory, Devices
from iot_dr.observe.status.name_answers import NameAnswer
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.verdict import Diagnosis
from tests.iot_dr.observe.status.reports import (
    BLIND,
    FAILING,
    HEALTHY,
    NONE,
    QUIET,
    answered,
    report,
    served,
    well,
)
from tests.iot_dr.observe.status.world import CENTRAL, WEST
from tests.support.settings import REGIONS, settings

REFUSING = Devices(
    connects=NONE,
    refused=(*(0.0,) * (WINDOW - 5), *(400.0,) * 5),
    failed=NONE,
    throttled=NONE,
    messages=(*(600.0,) * (WINDOW - 5), *NONE[:5]),
)
FLAPPING = CheckHistory(least=(*(1.0,) * (WINDOW - 6), *(0.0, 1.0) * 3), greatest=(1.0,) * WINDOW)
GONE = Handshake(address="192.0.2.1", problem="Connection refused")
DOWN: dict[str, Any] = {"checks": {"deep": FAILING, "tcp": FAILING}, "endpoint": GONE}
AWAY = 'iot-dr switch away eu-west-1 --env dev --reason "devices-refused"'


def seen(west: RegionReport, central: RegionReport | None = None) -> Observations:
    return replace(report(), regions=(west, central or well(CENTRAL)))


def refusing(**standby: Any) -> Diagnosis:
    west = replace(well(WEST), devices=REFUSING)
    return Diagnosis.of(seen(west, replace(well(CENTRAL), **standby)))


def test_devices_that_are_refused_leave_for_a_standby_that_is_ready() -> None:
    diagnosis = refusing()
    assert (diagnosis.finding.cause, diagnosis.finding.regions) == (Cause.DEVICES_REFUSED, (WEST,))
    assert diagnosis.finding.words == "eu-west-1 refuses all devices, though its checks pass"
    assert diagnosis.command == AWAY
    assert diagnosis.next_line == f"Next: {AWAY} (docs/runbooks/switch.md)"


@pytest.mark.parametrize(
    "standby",
    [
        {"checks": {"deep": BLIND, "tcp": BLIND}},
        {"checks": {"deep": FAILING, "tcp": HEALTHY}},
        {"checks": {"tcp": HEALTHY}},
        {"endpoint": BLIND},
        {"endpoint": GONE},
        {"endpoint": replace(served(), seconds=3.0)},
        {"devices": BLIND},
        {"devices": REFUSING},
        {"rotation": BLIND},
        {"histories": {"tcp": FLAPPING}},
    ],
)
def test_no_command_leads_to_a_standby_that_is_unknown_or_bad(standby: dict[str, Any]) -> None:
    diagnosis = refusing(**standby)
    assert diagnosis.command is None
    assert "no other region is known to be ready" in diagnosis.advice


def test_a_region_that_is_down_needs_no_command_where_route_53_moves_devices() -> None:
    down = replace(well(WEST), **DOWN)
    diagnosis = Diagnosis.of(seen(down))
    assert (diagnosis.finding.cause, diagnosis.command) == (Cause.REGION_DOWN, None)
    assert diagnosis.advice == "Route 53 directs new connections to eu-central-1 within minutes"
    moved = Diagnosis.of(replace(seen(down), names=(answered(CENTRAL),)))
    assert moved.advice == "new connections go to eu-central-1"


def test_a_region_that_is_switched_away_and_ready_is_used_again_if_the_other_is_down() -> None:
    west = replace(well(WEST), alarms={CENTRAL: "ALARM"})
    lost = replace(seen(west, replace(well(CENTRAL), **DOWN)), names=(answered(CENTRAL),))
    diagnosis = Diagnosis.of(lost)
    assert diagnosis.command == (
        'iot-dr switch back eu-west-1 --env dev --reason "eu-central-1 is down"'
    )
    assert (
        Diagnosis.of(replace(lost, regions=(replace(west, devices=BLIND), lost.regions[1]))).command
        is None
    )


def test_name_servers_that_have_not_followed_for_minutes_are_the_cause() -> None:
    series = (*(1.0,) * 50, *(0.0,) * 10)
    failing = CheckHistory(least=series, greatest=series)
    down = replace(well(WEST), **DOWN, histories={"deep": failing})
    assert Diagnosis.of(seen(down)).finding.cause is Cause.STALE_DNS


def test_a_fleet_that_reconnects_throttled_is_evidence_only() -> None:
    throttled = replace(QUIET, throttled=(*NONE[:50], *(900.0,) * 10))
    diagnosis = Diagnosis.of(seen(replace(well(WEST), devices=throttled)))
    assert (diagnosis.finding.cause, diagnosis.evidence) == (
        Cause.NONE,
        ("eu-west-1: devices, a minute: 900 throttled (usually 0)",),
    )


def test_usual_refusals_have_no_finding() -> None:
    usual = replace(REFUSING, refused=(40.0,) * WINDOW, connects=(60.0,) * WINDOW)
    assert Diagnosis.of(seen(replace(well(WEST), devices=usual))).finding.cause is Cause.NONE


def test_a_port_that_is_blocked_here_while_devices_send_is_reported_as_such() -> None:
    sending = replace(QUIET, messages=(600.0,) * WINDOW)
    unread = {"checks": {"deep": BLIND, "tcp": BLIND}, "endpoint": GONE}
    west = replace(well(WEST), **unread, devices=sending)
    diagnosis = Diagnosis.of(seen(west, replace(well(CENTRAL), **unread, devices=sending)))
    assert diagnosis.finding.cause is Cause.UNREACHABLE_FROM_HERE
    assert diagnosis.finding.words == "eu-west-1 does not answer from here; devices there send"
    dark = Diagnosis.of(seen(replace(west, devices=BLIND)))
    assert dark.finding.cause is Cause.REGION_DOWN


def test_a_canary_s_alarm_counts_while_route_53_cannot_be_read() -> None:
    west = replace(well(WEST), checks={"deep": BLIND, "tcp": BLIND})
    firing = {WEST: ("example-dev-canary-eu-west-1",)}
    diagnosis = Diagnosis.of(replace(seen(west), firing=firing))
    assert diagnosis.finding.cause is Cause.DEEP_CHECK
    assert diagnosis.unread == ("eu-west-1: check deep, check tcp",)


def of_many(serving: str, *regions: RegionReport) -> Diagnosis:
    """Diagnose more than two regions, in failover order."""
    many = settings(regions=[region.region for region in regions])
    answer = replace(answered(WEST), answer=NameAnswer(target="a", region=serving, ttl=60))
    return Diagnosis.of(replace(report(), settings=many, regions=regions, names=(answer,)))


def away(region: str) -> RegionReport:
    checks = {"deep": HEALTHY, "tcp": HEALTHY, "switch": FAILING}
    return replace(well(region), checks=checks, alarms={REGIONS[2]: "ALARM"})


def test_the_one_region_that_is_ready_is_used_again_if_two_others_are_down() -> None:
    first, second, third = REGIONS[:3]
    down = (replace(well(second), **DOWN), replace(well(third), **DOWN))
    assert of_many(second, away(first), *down).command == (
        f'iot-dr switch back {first} --env dev --reason "{second} is down"'
    )


def test_the_lost_alarm_region_of_the_advice_has_an_alarm_of_the_region_that_is_away() -> None:
    first, second, third, fourth, fifth = REGIONS
    diagnosis = of_many(
        first,
        *(well(first), replace(well(second), **DOWN), well(third)),
        *(away(fourth), replace(well(fifth), **DOWN)),
    )
    assert diagnosis.finding.cause is Cause.LOST_ALARM_REGION
    assert f"switch back REGION --env dev --without {fifth} --reason TEXT" in diagnosis.advice


def test_the_only_alarm_region_of_a_switch_is_not_left_out() -> None:
    unready = replace(well(WEST), alarms={CENTRAL: "ALARM"}, devices=BLIND)
    lost = replace(seen(unready, replace(well(CENTRAL), **DOWN)), names=(answered(WEST),))
    diagnosis = Diagnosis.of(lost)
    assert diagnosis.finding.cause is Cause.LOST_ALARM_REGION
    assert diagnosis.advice == (
        "the region stays switched away; before it can serve again: iot-dr switch back REGION"
        " --env dev --reason TEXT; new connections go to eu-west-1"
    )


def test_a_rotation_that_cannot_be_read_is_not_taken_for_none() -> None:
    diagnosis = Diagnosis.of(seen(replace(well(WEST), rotation=BLIND)))
    assert (diagnosis.finding.cause, diagnosis.unread) == (Cause.UNKNOWN, ("eu-west-1: rotation",))
