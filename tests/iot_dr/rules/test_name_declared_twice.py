import copy
from typing import Any

import pytest

from iot_dr.rules.name_declared_twice import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import (
    ENTRY_POINT,
    FRANKFURT,
    IRELAND,
    ZONE,
    judged,
    our_settings,
    ours,
    resources,
    where,
)

POLICY, ALARM, ROLE = "aws_iot_policy", "aws_cloudwatch_metric_alarm", "aws_iam_role"


def copied(type_: str, source: str, target: str, **changes: Any) -> list[str]:
    """Return what is found if one of the resources of a stack is copied to another stack."""
    documents = ours()
    body = copy.deepcopy([*resources(documents, source, type_).values()][-1])
    resources(documents, target, type_)["copy"] = {**body, **changes}
    findings = judged(RULE, documents, our_settings())
    assert {finding.verdict for finding in findings} <= {Verdict.BLOCK}
    return sorted(where(findings))


def test_a_policy_of_another_stack_with_the_name_of_the_devices_is_refused() -> None:
    provider = {"provider": "aws.eu_west_1"}
    (found,) = copied(POLICY, IRELAND, ENTRY_POINT, **provider)
    assert found == f"{IRELAND}/aws_iot_policy.device" or found.endswith("aws_iot_policy.copy")
    assert copied(POLICY, IRELAND, ENTRY_POINT, **provider, name="another") == []
    assert copied(POLICY, IRELAND, ENTRY_POINT, provider="aws.us_east_1") == []


def test_the_alarm_of_a_switch_is_overwritten() -> None:
    assert len(copied(ALARM, ENTRY_POINT, ENTRY_POINT)) == 1
    assert copied(ALARM, ENTRY_POINT, ENTRY_POINT, alarm_name="another") == []


def test_names_of_roles_are_those_of_the_account() -> None:
    assert len(copied(ROLE, IRELAND, FRANKFURT)) == 1
    assert len(copied(ROLE, IRELAND, ZONE)) == 1


ALARMS = {"alarm_name": "switch", "count": 1}


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"alarm_name": "other"}, 0),
        ({"alarm_name": "${var.name}"}, 0),
        ({"count": "${var.dr ? 1 : 0}"}, 0),
        ({"provider": "aws.other"}, 0),
    ],
)
def test_alarms_of_others_are_compared_within_a_provider(
    changes: dict[str, Any], count: int
) -> None:
    alarms = {"one": ALARMS, "two": {**ALARMS, **changes}}
    providers = [{"region": "eu-west-1"}, {"alias": "other", "region": "eu-west-1"}]
    document = {"provider": {"aws": providers}, "resource": {ALARM: alarms}}
    findings = judged(RULE, {"platform": document})
    assert [finding.verdict for finding in findings] == [Verdict.WARN] * count
    # Another state may be that of another account.
    assert len(judged(RULE, {"platform": document, "other": document})) == 2 * count
