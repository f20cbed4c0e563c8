"""The metric of a switch, apart from the construct, for tools that put it without the engine."""

from typing import Final

SWITCH_METRIC: Final = "SwitchedAway"
"""The metric of a switch: 1 takes devices away from its region, 0 gives them back."""


def switch_namespace(environment: str) -> str:
    """Give the CloudWatch namespace of an environment's switches.

    Each has its own, since a namespace is all that an IAM policy can tell metrics apart by
    (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html).
    """
    return f"IotDr/Switch/{environment}"
