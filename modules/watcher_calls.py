"""The calls of AWS by watcher and canary, importable without CDKTF.

Below docs.aws.amazon.com/service-authorization/latest/reference: list_amazoncloudwatch.html,
list_awsiot.html and list_awssystemsmanager.html. An ARN with an empty account is of any account.
"""

from typing import Final

PUBLISH: Final = "iot:Publish"
"""Publish a message through a regional name, on one topic."""
PUT_METRIC: Final = "cloudwatch:PutMetricData"
"""Set a switch; it has no resource type, only the condition key `NAMESPACE`."""
READ_METRIC: Final = "cloudwatch:GetMetricStatistics"
"""Read what was healthy; it has neither a resource type nor a condition key of CloudWatch."""
READ_ALARM: Final = "cloudwatch:DescribeAlarms"
"""Read whether a region is switched away."""

READ_PARAMETERS: Final = "ssm:GetParameters"
"""Read registers of switches, and the records of their uses."""
WRITE_PARAMETER: Final = "ssm:PutParameter"
"""Write a register."""

NAMESPACE: Final = "cloudwatch:namespace"


def topic_arn(region: str, account_id: str, topic: str) -> str:
    """Return the ARN of an MQTT topic, for `PUBLISH`."""
    return f"arn:aws:iot:{region}:{account_id}:topic/{topic}"


def alarm_arn(region: str, account_id: str, name: str) -> str:
    """Return the ARN of an alarm, for `READ_ALARM`."""
    return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:{name}"


def parameter_arn(region: str, account_id: str, name: str) -> str:
    """Return the ARN of a parameter, whose name begins with `/`, for `READ_PARAMETERS`."""
    return f"arn:aws:ssm:{region}:{account_id}:parameter{name}"
