"""The metric of a switch and the period of its alarm, importable without CDKTF."""

from typing import Final

SWITCH_METRIC: Final = "SwitchedAway"
"""The metric of a switch: 1 moves devices away from its region, 0 moves them back."""

SWITCH_PERIOD: Final = 60
"""Seconds of a period of the switch's alarm; it evaluates one period."""


def switch_namespace(environment: str) -> str:
    """Return the CloudWatch namespace of an environment's switches.

    Environments have separate namespaces because IAM can limit PutMetricData only by namespace:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html.
    """
    return f"IotDr/Switch/{environment}"
