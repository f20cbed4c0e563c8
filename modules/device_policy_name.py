"""The name of the devices' IoT policy, for callers that do not create it."""

from modules.context import Context
from modules.name_limits import IOT_POLICY_NAME_LIMIT


def device_policy_name(context: Context) -> str:
    """Return the policy's name, the same in every region."""
    return context.device_policy or context.name("device", IOT_POLICY_NAME_LIMIT)
