"""Permissions on what devices and operators talk to: IoT Core, alarms, topics."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

_TOPIC = ("arn:aws:sns:{region}:{account}:{name}",)
_ALARM = ("arn:aws:cloudwatch:{region}:{account}:alarm:{name}",)
_POLICY = ("arn:aws:iot:{region}:{account}:policy/{name}",)
_DOMAIN = (
    "arn:aws:iot:{region}:{account}:domainconfiguration/{name}",
    "arn:aws:iot:{region}:{account}:domainconfiguration/{name}/*",
)

MESSAGES: Final[Mapping[str, tuple[Permission, ...]]] = {
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
    "aws_iot_endpoint": (Permission(resources=("*",), read=("iot:DescribeEndpoint",)),),
    "aws_iot_policy": (
        Permission(
            resources=_POLICY,
            read=("iot:GetPolicy", "iot:ListPolicyVersions", "iot:ListTagsForResource"),
            write=(
                "iot:CreatePolicy",
                "iot:CreatePolicyVersion",
                "iot:DeletePolicy",
                "iot:DeletePolicyVersion",
                "iot:TagResource",
                "iot:UntagResource",
            ),
        ),
    ),
    "aws_iot_domain_configuration": (
        Permission(
            resources=_DOMAIN,
            read=("iot:DescribeDomainConfiguration", "iot:ListTagsForResource"),
            write=(
                "iot:CreateDomainConfiguration",
                "iot:DeleteDomainConfiguration",
                "iot:TagResource",
                "iot:UntagResource",
                "iot:UpdateDomainConfiguration",
            ),
        ),
        # IoT Core asks ACM for the server certificate in the caller's name.
        Permission(
            resources=("arn:aws:acm:{region}:{account}:certificate/*",),
            read=("acm:DescribeCertificate", "acm:GetCertificate"),
        ),
    ),
}
