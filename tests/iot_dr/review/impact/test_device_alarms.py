"""The impact of changes to alarms that health checks follow or that notify people."""

import pytest

from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    FLEET,
    PAGE,
    SWITCH,
    Json,
    device_changes,
    plan,
    with_entry,
)

WARN, OK = Verdict.WARN, Verdict.OK
WATCHER = "aws_cloudwatch_metric_alarm.watcher"
NOBODY_NOTIFIED = "nobody is notified of what it watches"
NOBODY_LATCHES = "no failover is latched"
STANDING: Json = {
    **FLEET,
    WATCHER: {
        "id": "watcher",
        "alarm_name": "watcher",
        "namespace": "IotDr/Watcher",
        "metric_name": "Errors",
        "actions_enabled": True,
        "alarm_actions": ["arn:aws:lambda:eu-west-1:111111111111:function:latch"],
    },
}


@pytest.mark.parametrize(
    "argument",
    [
        *("namespace", "metric_name", "dimensions", "statistic", "extended_statistic", "unit"),
        *("threshold", "threshold_metric_id", "comparison_operator", "period"),
        *("evaluation_periods", "datapoints_to_alarm", "treat_missing_data", "metric_query"),
    ],
)
def test_each_argument_of_a_switch_alarm_is_reported(argument: str) -> None:
    before = {**FLEET[SWITCH], argument: "a"}
    change: Json = {"actions": ["update"], "before": before, "after": {**before, argument: "b"}}
    (device_change,) = device_changes(with_entry(plan({}), SWITCH, change))
    assert (device_change.verdict, device_change.why) == (
        WARN,
        ("the health check switch follows it, so the condition that triggers failover changes"),
    )


@pytest.mark.parametrize("argument", ["ok_actions", "insufficient_data_actions", "alarm_actions"])
def test_new_alarm_actions_are_harmless(argument: str) -> None:
    for address in (PAGE, SWITCH):
        (device_change,) = device_changes(
            plan({address: {argument: ["arn:aws:sns:eu-west-1:1:others"]}})
        )
        assert (device_change.verdict, device_change.why) == (
            OK,
            "its condition or its actions change",
        )


@pytest.mark.parametrize(
    "change", [{"actions_enabled": False}, {"alarm_actions": []}, {"alarm_actions": None}]
)
def test_an_alarm_that_loses_its_actions_warns(change: Json) -> None:
    alarms = device_changes(plan({WATCHER: change, PAGE: change}, standing=STANDING))
    assert {(each.verdict, each.why) for each in alarms} == {
        (WARN, f"{NOBODY_LATCHES} any more"),
        (WARN, f"{NOBODY_NOTIFIED} any more"),
    }


@pytest.mark.parametrize(
    "namespace", ["AWS/ApiGateway", "AWS/CertificateManager", "AWS/IoT", "AWS/Route53", "IotDr/a"]
)
def test_alarms_for_devices_are_recognized_by_namespace(namespace: str) -> None:
    standing = {**STANDING, PAGE: {**FLEET[PAGE], "namespace": namespace}}
    (device_change,) = device_changes(plan({PAGE: {"alarm_actions": []}}, standing=standing))
    assert device_change.why == f"{NOBODY_NOTIFIED} any more"


def test_an_alarm_that_had_no_actions_does_not_warn() -> None:
    quiet = {**STANDING, WATCHER: {**STANDING[WATCHER], "actions_enabled": False}}
    (device_change,) = device_changes(plan({WATCHER: {"alarm_actions": []}}, standing=quiet))
    assert device_change.verdict is OK


@pytest.mark.parametrize(
    ("address", "effect"), [(WATCHER, NOBODY_LATCHES), (PAGE, NOBODY_NOTIFIED)]
)
def test_a_replaced_alarm_warns_of_the_gap(address: str, effect: str) -> None:
    change = {address: {"alarm_name": "other"}}
    (device_change,) = device_changes(
        plan(change, replaced={address: "alarm_name"}, standing=STANDING)
    )
    assert (device_change.verdict, device_change.why) == (
        WARN,
        f"{effect} until the new alarm has data",
    )


def test_a_renamed_alarm_is_reported() -> None:
    (device_change,) = device_changes(plan({PAGE: {"alarm_name": "other"}}))
    assert [each.path for each in device_change.attributes] == ["alarm_name"]
