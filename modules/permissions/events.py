"""Permissions on what tells that something has happened: topic rules, IoT's own events, trails."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

EVENTS: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_iot_topic_rule": (
        # Terraform waits for a new rule by listing.
        Permission(resources=("*",), read=("iot:ListTopicRules",)),
        Permission(
            resources=("arn:aws:iot:{region}:{account}:rule/{name}",),
            read=("iot:GetTopicRule", "iot:ListTagsForResource"),
            write=(
                "iot:CreateTopicRule",
                "iot:DeleteTopicRule",
                "iot:ReplaceTopicRule",
                "iot:TagResource",
                "iot:UntagResource",
            ),
        ),
    ),
    # Of a region's IoT Core, which is one for all of the account.
    "aws_iot_event_configurations": (
        Permission(
            resources=("*",),
            read=("iot:DescribeEventConfigurations",),
            write=("iot:UpdateEventConfigurations",),
        ),
    ),
    "aws_cloudtrail": (
        # Terraform finds a trail by listing.
        Permission(resources=("*",), read=("cloudtrail:DescribeTrails",)),
        Permission(
            resources=("arn:aws:cloudtrail:{region}:{account}:trail/{name}",),
            read=(
                "cloudtrail:GetEventSelectors",
                "cloudtrail:GetTrailStatus",
                "cloudtrail:ListTags",
            ),
            write=(
                "cloudtrail:AddTags",
                "cloudtrail:CreateTrail",
                "cloudtrail:DeleteTrail",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:RemoveTags",
                "cloudtrail:StartLogging",
                "cloudtrail:StopLogging",
                "cloudtrail:UpdateTrail",
            ),
        ),
    ),
}
