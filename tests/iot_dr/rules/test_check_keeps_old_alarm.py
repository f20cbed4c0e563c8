from typing import Any

import pytest

from iot_dr.rules.check_keeps_old_alarm import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, our_settings, ours, resources

ALARM = {"alarm_name": "switch", "metric_name": "Away", "namespace": "Acme", "provider": "aws.west"}
CHECK = {
    "type": "CLOUDWATCH_METRIC",
    "cloudwatch_alarm_name": "${aws_cloudwatch_metric_alarm.switch.alarm_name}",
    "cloudwatch_alarm_region": "eu-west-1",
}


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [
        ({}, True),
        ({"triggers": {}}, True),
        ({"triggers": None}, True),
        ({"triggers": {"threshold": "${aws_cloudwatch_metric_alarm.switch.threshold}"}}, False),
        ({"cloudwatch_alarm_name": "another-stack's"}, False),
        ({"type": "TCP"}, False),
    ],
    ids=["none", "empty", "null", "triggers", "not declared", "another type"],
)
def test_a_check_of_a_declared_alarm_needs_triggers(
    changes: dict[str, Any], *, is_found: bool
) -> None:
    document = {
        "provider": {"aws": [{"alias": "west", "region": "eu-west-1"}]},
        "resource": {
            "aws_cloudwatch_metric_alarm": {"switch": ALARM},
            "aws_route53_health_check": {"switch": {**CHECK, **changes}},
        },
    }
    findings = judged(RULE, {"dns": document})
    assert [each.verdict for each in findings] == [Verdict.WARN] * is_found
    assert all(
        "the settings of aws_cloudwatch_metric_alarm.switch once" in f.message for f in findings
    )


def test_our_switches_name_everything_that_decides_their_alarms() -> None:
    assert judged(RULE, ours(regions=3), our_settings(regions=3)) == []
    documents = ours(regions=3)
    alarms = resources(documents, ENTRY_POINT, "aws_cloudwatch_metric_alarm")
    # What notifies and describes decides nothing.
    names = {"//", "alarm_name", "alarm_description", "alarm_actions", "ok_actions", "provider"}
    checks = resources(documents, ENTRY_POINT, "aws_route53_health_check").values()
    followed = [check for check in checks if check["type"] == "CLOUDWATCH_METRIC"]
    assert len(followed) == 6
    for check in followed:
        id_ = check["cloudwatch_alarm_name"].split(".")[1]
        alarm = {name: value for name, value in alarms[id_].items() if name not in names}
        dimensions = {f"dimensions.{key}": each for key, each in alarm.pop("dimensions").items()}
        decides = {**alarm, **dimensions}
        assert check["triggers"] == {name: str(value) for name, value in decides.items()}
