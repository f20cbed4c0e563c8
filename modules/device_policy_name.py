"""The name of the devices' IoT policy, for callers that do not create it."""

from typing import Final

from modules.context import Context

# docs.aws.amazon.com/iot/latest/apireference/API_CreatePolicy.html
_LIMIT: Final = 128


def device_policy_name(context: Context) -> str:
    """Return the policy's name, the same in every region."""
    return context.device_policy or context.name("device", _LIMIT)
