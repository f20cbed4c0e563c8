"""Permissions for logs, alarms, SNS topics, event rules and trails."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

_LOG_GROUP = (
    "arn:aws:logs:{region}:{account}:log-group:{name}",
    "arn:aws:logs:{region}:{account}:log-group:{name}:*",
)
_ALARM = ("arn:aws:cloudwatch:{region}:{account}:alarm:{name}",)
_TOPIC = ("arn:aws:sns:{region}:{account}:{name}",)
_RULE = ("arn:aws:events:{region}:{account}:rule/{name}",)

MONITORING: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_cloudwatch_log_group": (
        # Terraform finds a log group by listing all of them.
        Permission(resources=("*",), read=("logs:DescribeLogGroups",)),
        Permission(
            resources=_LOG_GROUP,
            read=("logs:ListTagsForResource",),
            write=(
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                "logs:DisassociateKmsKey",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
        ),
    ),
    "aws_cloudwatch_metric_alarm": (
        Permission(
            resources=_ALARM,
            read=("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
            write=(
                "cloudwatch:DeleteAlarms",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ),
        ),
    ),
    # A dashboard is global, and its ARN has no region.
    "aws_cloudwatch_dashboard": (
        Permission(
            resources=("arn:aws:cloudwatch::{account}:dashboard/{name}",),
            read=("cloudwatch:GetDashboard",),
            write=("cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"),
            is_regional=False,
        ),
    ),
    "aws_sns_topic": (
        Permission(
            resources=_TOPIC,
            read=("sns:GetTopicAttributes", "sns:ListTagsForResource"),
            write=(
                "sns:CreateTopic",
                "sns:DeleteTopic",
                "sns:SetTopicAttributes",
                "sns:TagResource",
                "sns:UntagResource",
            ),
        ),
    ),
    "aws_cloudwatch_event_rule": (
        Permission(
            resources=_RULE,
            read=("events:DescribeRule", "events:ListTagsForResource"),
            write=(
                "events:DeleteRule",
                "events:PutRule",
                "events:TagResource",
                "events:UntagResource",
            ),
        ),
    ),
    "aws_cloudwatch_event_target": (
        Permission(
            resources=_RULE,
            read=("events:ListTargetsByRule",),
            write=("events:PutTargets", "events:RemoveTargets"),
        ),
    ),
    "aws_cloudtrail": (
        # Terraform finds a trail by listing all of them.
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
