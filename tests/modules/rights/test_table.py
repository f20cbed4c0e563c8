"""The table of rights by resource type."""

import re

import pytest

from modules.rights.right import Right
from modules.rights.table import TABLE

READING = re.compile(r"(Get|List|Describe|BatchGet)[A-Z*]|GET$")
# Actions with one resource type at the most, so that no ARN could name what they are about:
# the service authorization reference, docs.aws.amazon.com/service-authorization/latest/reference.
WITHOUT_RESOURCE = {
    *("acm:RequestCertificate", "iot:DescribeEndpoint", "logs:DescribeLogGroups"),
    *("route53:CreateHealthCheck", "route53:CreateHostedZone", "kms:CreateKey"),
    # On a key that is just being made, which its condition tells.
    *("kms:PutKeyPolicy", "kms:TagResource"),
    *("cloudtrail:DescribeTrails", "kinesis:DescribeLimits", "lambda:CreateEventSourceMapping"),
    "kinesis:UpdateStreamMode",
    *("iot:DescribeEventConfigurations", "iot:ListTopicRules", "iot:UpdateEventConfigurations"),
    "iot:RegisterCACertificate",
}
# DynamoDB asks for it when it makes a replica, in the name of whoever makes that.
READ_TO_REPLICATE = {"dynamodb:GetItem"}
RIGHTS = [
    pytest.param(right, id=f"{name}-{n}")
    for name, all_ in TABLE.items()
    for n, right in enumerate(all_)
]


@pytest.mark.parametrize("right", RIGHTS)
def test_what_reads_only_reads_and_what_writes_only_writes(right: Right) -> None:
    for action in right.read:
        assert READING.match(action.partition(":")[2]), action
    for action in set(right.write) - READ_TO_REPLICATE:
        assert not READING.match(action.partition(":")[2]), action
    assert not READ_TO_REPLICATE & set(right.read)


@pytest.mark.parametrize("right", RIGHTS)
def test_every_action_is_named_and_every_resource_that_can_be(right: Right) -> None:
    for action in (*right.read, *right.write, *right.dispose):
        assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]{2,}\*?", action)
    if "*" in right.resources:
        assert {*right.read, *right.write} <= WITHOUT_RESOURCE


@pytest.mark.parametrize("right", RIGHTS)
def test_nobody_takes_a_boundary_away_or_changes_whom_a_role_trusts(right: Right) -> None:
    forbidden = {
        *("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion"),
        *("iam:UpdateAssumeRolePolicy", "iam:CreatePolicy", "iam:SetDefaultPolicyVersion"),
    }
    assert not forbidden & {*right.read, *right.write}


def test_items_are_touched_by_whoever_makes_a_replica_and_by_nobody_else() -> None:
    items = re.compile(r"dynamodb:(\w*Item|Query|Scan)$")
    touching = {
        name
        for name, all_ in TABLE.items()
        for right in all_
        if any(map(items.match, (*right.read, *right.write)))
    }
    assert touching == {"aws_dynamodb_table_replica"}


@pytest.mark.parametrize("right", RIGHTS)
def test_no_state_bucket_and_no_zone_can_be_deleted(right: Right) -> None:
    assert not {"s3:DeleteBucket", "route53:DeleteHostedZone"} & set(right.write)
