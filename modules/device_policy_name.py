"""What the IoT policy of devices is called, for whoever does not make it."""

from typing import Final

from modules.context import Context

# docs.aws.amazon.com/iot/latest/apireference/API_CreatePolicy.html
_LIMIT: Final = 128


def device_policy_name(context: Context) -> str:
    """Name the policy, the same in every region."""
    return context.name("device", _LIMIT)
