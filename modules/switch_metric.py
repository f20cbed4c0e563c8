"""The metric of a switch, importable without CDKTF for tools that publish it."""

from typing import Final

SWITCH_METRIC: Final = "SwitchedAway"
"""The metric of a switch: 1 moves devices away from its region, 0 moves them back."""


def switch_namespace(environment: str) -> str:
    """Return the CloudWatch namespace of an environment's switches.

    Environments have separate namespaces because IAM can limit PutMetricData only by namespace:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html.
    """
    return f"IotDr/Switch/{environment}"
