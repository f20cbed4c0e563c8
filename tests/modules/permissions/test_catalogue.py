"""The catalogue of permissions by resource type."""

import re

import pytest

from modules.permissions.catalogue import CATALOGUE
from modules.permissions.permission import Permission

READING = re.compile(r"(Get|List|Describe|BatchGet)[A-Z*]|GET$")
# Actions with one resource type at the most, so that no ARN could name what they are about:
# the service authorization reference, docs.aws.amazon.com/service-authorization/latest/reference.
WITHOUT_RESOURCE = {
    *("acm:RequestCertificate", "iot:DescribeEndpoint", "logs:DescribeLogGroups"),
    *("route53:CreateHealthCheck", "route53:CreateHostedZone", "kms:CreateKey"),
    *("acm:ListCertificates", "route53:ListHostedZones"),
    # On a key that is just being made, which its condition says.
    *("kms:PutKeyPolicy", "kms:TagResource"),
    *("cloudtrail:DescribeTrails", "kinesis:DescribeLimits", "lambda:CreateEventSourceMapping"),
    "kinesis:UpdateStreamMode",
    *("iot:DescribeEventConfigurations", "iot:ListTopicRules", "iot:UpdateEventConfigurations"),
    "iot:RegisterCACertificate",
}
# DynamoDB asks for it when it makes a replica, in the name of whoever makes that.
READ_TO_REPLICATE = {"dynamodb:GetItem"}
PERMISSIONS = [
    pytest.param(permission, id=f"{name}-{n}")
    for name, all_ in CATALOGUE.items()
    for n, permission in enumerate(all_)
]


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_what_reads_only_reads_and_what_writes_only_writes(permission: Permission) -> None:
    for action in permission.read:
        assert READING.match(action.partition(":")[2]), action
    for action in set(permission.write) - READ_TO_REPLICATE:
        assert not READING.match(action.partition(":")[2]), action
    assert not READ_TO_REPLICATE & set(permission.read)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_action_is_named_and_every_resource_that_can_be(permission: Permission) -> None:
    named = (*permission.read, *permission.write, *permission.force_destroy, *permission.person)
    for action in named:
        assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]{2,}\*?", action)
    if "*" in permission.resources:
        assert {*permission.read, *permission.write, *permission.person} <= WITHOUT_RESOURCE


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_nobody_takes_a_boundary_away_or_changes_whom_a_role_trusts(permission: Permission) -> None:
    forbidden = {
        *("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion"),
        *("iam:UpdateAssumeRolePolicy", "iam:CreatePolicy", "iam:SetDefaultPolicyVersion"),
    }
    assert not forbidden & {*permission.read, *permission.write}


def test_items_are_touched_by_whoever_makes_a_replica_and_by_nobody_else() -> None:
    items = re.compile(r"dynamodb:(\w*Item|Query|Scan)$")
    touching = {
        name
        for name, all_ in CATALOGUE.items()
        for permission in all_
        if any(map(items.match, (*permission.read, *permission.write)))
    }
    assert touching == {"aws_dynamodb_table_replica"}


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_no_state_bucket_and_no_zone_can_be_deleted(permission: Permission) -> None:
    assert not {"s3:DeleteBucket", "route53:DeleteHostedZone"} & set(permission.write)
