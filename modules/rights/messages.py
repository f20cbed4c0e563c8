"""Rights to what devices and operators talk to: IoT Core, alarms, topics."""

from collections.abc import Mapping
from typing import Final

from modules.rights.right import Right

_TOPIC = ("arn:aws:sns:{region}:{account}:{name}",)
_ALARM = ("arn:aws:cloudwatch:{region}:{account}:alarm:{name}",)
_POLICY = ("arn:aws:iot:{region}:{account}:policy/{name}",)
_DOMAIN = (
    "arn:aws:iot:{region}:{account}:domainconfiguration/{name}",
    "arn:aws:iot:{region}:{account}:domainconfiguration/{name}/*",
)

MESSAGES: Final[Mapping[str, tuple[Right, ...]]] = {
    "aws_sns_topic": (
        Right(
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
        Right(
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
    "aws_iot_endpoint": (Right(resources=("*",), read=("iot:DescribeEndpoint",)),),
    "aws_iot_policy": (
        Right(
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
        Right(
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
        Right(
            resources=("arn:aws:acm:{region}:{account}:certificate/*",),
            read=("acm:DescribeCertificate", "acm:GetCertificate"),
        ),
    ),
}
