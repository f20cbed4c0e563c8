"""Accelerated recovery of the zone, and the copies that Route 53 has of switches' alarms."""

from typing import Any

import pytest

from iot_dr.observe.doctor.checks import accelerated_recovery, alarm_copies
from tests.iot_dr.observe.doctor.world import CENTRAL, WEST, Answers, World, only, statuses
from tests.support.settings import settings

CREATED = [
    {"Id": "/hostedzone/Z1", "Name": "iot-dev.example.com.", "Config": {"PrivateZone": False}}
]


def recovery(**features: object) -> World:
    zone = {"Id": "/hostedzone/Z1", "Name": "iot-dev.example.com.", "Features": features}
    answers: Answers = {
        "list_hosted_zones_by_name": {"HostedZones": CREATED},
        "get_hosted_zone": {"HostedZone": zone},
    }
    return World(answers)


@pytest.mark.parametrize(
    ("status", "judged"),
    [
        ("ENABLED", "ok"),
        ("ENABLING", "ok"),
        ("ENABLING_HOSTED_ZONE_LOCKED", "ok"),
        ("DISABLED", "missing"),
        ("DISABLING", "missing"),
        ("ENABLE_FAILED", "missing"),
    ],
)
def test_accelerated_recovery_is_to_be_on(status: str, judged: str) -> None:
    world = recovery(AcceleratedRecoveryStatus=status)
    finding = only(accelerated_recovery.examine(world.account()))
    assert (finding.status, finding.blocks) == (judged, False)


def test_a_zone_of_before_the_feature_has_it_not() -> None:
    finding = only(accelerated_recovery.examine(recovery().account()))
    assert "nobody can change its records" in finding.message
    assert finding.commands == (
        "aws route53 update-hosted-zone-features --enable-accelerated-recovery --hosted-zone-id Z1",
    )


def test_why_it_could_not_be_turned_on_is_shown() -> None:
    reasons = {"AcceleratedRecovery": "flat-rate plan"}
    world = recovery(AcceleratedRecoveryStatus="ENABLE_FAILED", FailureReasons=reasons)
    finding = only(accelerated_recovery.examine(world.account()))
    assert "(ENABLE_FAILED: flat-rate plan)" in finding.message


def test_a_zone_that_does_not_exist_yet_has_it_later() -> None:
    world = World({"list_hosted_zones_by_name": {"HostedZones": []}})
    assert only(accelerated_recovery.examine(world.account())).status == "later"


def test_an_existing_zone_is_looked_up_by_its_id() -> None:
    def zone(Id: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert Id == "Z9"
        features = {"AcceleratedRecoveryStatus": "ENABLED"}
        return {"HostedZone": {"Id": "/hostedzone/Z9", "Features": features}}

    chosen = settings(zone={"id": "Z9", "name": "example.com"})
    world = World({"get_hosted_zone": zone}, settings=chosen)
    assert only(accelerated_recovery.examine(world.account())).status == "ok"


def world_of_switches(**changes: object) -> World:
    """Return an account with the check of one switch, whose copy has these changes."""
    alarm = {
        "AlarmName": "example-dev-switch-eu-west-1",
        "Namespace": "IotDr/Switch/dev",
        "MetricName": "SwitchedAway",
        "Statistic": "Maximum",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "Period": 60,
        "EvaluationPeriods": 1,
        "Dimensions": [{"Name": "Region", "Value": WEST}],
    }
    followed = {"Region": CENTRAL, "Name": alarm["AlarmName"]}
    check = {
        "Id": "c1",
        "HealthCheckConfig": {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": followed},
        "CloudWatchAlarmConfiguration": {**alarm, **changes},
    }
    answers: Answers = {
        "list_health_checks": {"HealthChecks": [check]},
        "describe_alarms": {"MetricAlarms": [alarm]},
    }
    return World(answers)


def test_a_copy_that_is_as_the_alarm_is_right() -> None:
    findings = alarm_copies.examine(world_of_switches().account())
    assert statuses(findings) == [(CENTRAL, "ok")]


def test_a_copy_with_another_threshold_is_to_be_made_again() -> None:
    finding = only(alarm_copies.examine(world_of_switches(Threshold=2.0).account()))
    assert (finding.status, finding.region) == ("missing", CENTRAL)
    assert "Threshold is 2, in the alarm 1" in finding.message
    alarm = "Region=eu-central-1,Name=example-dev-switch-eu-west-1"
    command = f"aws route53 update-health-check --health-check-id c1 --alarm-identifier {alarm}"
    assert finding.commands == (command,)


def test_an_alarm_region_that_denies_the_alarm_leaves_its_copy_unknown() -> None:
    world = world_of_switches()
    del world.answers["describe_alarms"]
    assert statuses(alarm_copies.examine(world.account())) == [(CENTRAL, "unknown")]


def test_a_check_without_its_alarm_asks_for_a_deploy() -> None:
    world = world_of_switches()
    world.answers["describe_alarms"] = {"MetricAlarms": []}
    finding = only(alarm_copies.examine(world.account()))
    assert (finding.status, finding.region, finding.blocks) == ("missing", CENTRAL, False)
    assert finding.message.endswith("the alarm of the health check c1, does not exist")
    assert finding.commands == ("iot-dr deploy --env dev --provider aws",)


def test_checks_that_do_not_exist_yet_are_made_by_a_deploy() -> None:
    world = World({"list_health_checks": {"HealthChecks": []}})
    assert only(alarm_copies.examine(world.account())).status == "later"
