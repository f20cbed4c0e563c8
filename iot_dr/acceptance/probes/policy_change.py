"""How soon a changed IoT policy is in force."""

from collections.abc import Callable
from functools import partial
from typing import Final

from iot_dr.acceptance.commands import POLICY_MINUTES
from iot_dr.acceptance.message import NotPublishedError
from iot_dr.acceptance.probes.probe import RefutedError, probe_name, remove_resource
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.steps import remove_device
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.common.waiting import WaitTimeoutError
from modules.policy_document import policy_document

_REGISTERED_WITHIN: Final = 5.0


def observe(tools: RunTools) -> Evidence:
    """Deny the test device to publish in the primary, and allow it again."""
    region, name = tools.settings.primary_region, probe_name(tools)
    call = partial(tools.clients.call, "iot", region)
    tools.device.create()
    attachment = {"policyName": name, "target": tools.device.arn(region)}
    denied = {"Effect": "Deny", "Action": "iot:Publish", "Resource": "*"}
    call("create_policy", policyName=name, policyDocument=policy_document([denied]))
    tools.wait(lambda: _refused(tools), _REGISTERED_WITHIN)
    call("attach_policy", **attachment)
    denied_after = _within(tools, lambda: "" if _refused(tools) else "it still publishes")
    call("detach_policy", **attachment)
    allowed_after = _within(tools, lambda: _refused(tools))
    return {"denied after": f"{denied_after:.0f} s", "allowed after": f"{allowed_after:.0f} s"}


def remove(tools: RunTools) -> None:
    """Remove the policy and the test device."""
    region, name = tools.settings.primary_region, probe_name(tools)
    if tools.device.exists:
        target = tools.device.arn(region)
        remove_resource(tools, "iot", region, "detach_policy", policyName=name, target=target)
    remove_resource(tools, "iot", region, "delete_policy", policyName=name)
    remove_device(tools)


def _refused(tools: RunTools) -> str:
    """Return why the primary's broker acknowledges no message, "" if it does."""
    try:
        region = tools.publish(tools.device, b"{}").region
    except NotPublishedError as error:
        return str(error)
    if region != tools.settings.primary_region:
        raise VerificationError(f"DNS answers {region}, not the primary")
    return ""


def _within(tools: RunTools, missing: Callable[[], str]) -> float:
    try:
        return tools.wait(missing, POLICY_MINUTES)
    except WaitTimeoutError as error:
        raise RefutedError(str(error)) from error
