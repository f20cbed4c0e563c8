"""The step in which new devices join, in regions that know them and in regions that do not."""

import secrets
from functools import partial
from typing import Final

from environments.provisioning import FleetProvisioning
from iot_dr.acceptance.commands import POLICY_MINUTES
from iot_dr.acceptance.device import Joined
from iot_dr.acceptance.joining import NotJoinedError
from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.step import Evidence, SkippedError
from iot_dr.acceptance.tools import RunTools
from iot_dr.observe.aws.errors import NOT_FOUND, RequestRefusedError
from modules.device_policy_name import device_policy_name
from stacks.stack_context import stack_context

# Above the minute in which a change reaches other regions: functions start cold, calls are retried.
_REPLICATED_WITHIN: Final = 10.0


def join(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Let a new thing join in each region, and in the next one, once it is replicated there."""
    data, regions = tools.settings.data, tools.settings.regions
    if data is None or not isinstance(data.provisioning, FleetProvisioning):
        raise SkippedError("data.provisioning.method is not fleet-provisioning: no claim can join")
    evidence: dict[str, str] = {}
    for region, following in zip(regions, (*regions[1:], regions[0]), strict=True):
        # A new name for each attempt: a thing of an earlier one would not be new.
        thing = f"{tools.device.thing}-{secrets.token_hex(4)}"
        new = _joined(tools, region, thing)
        seconds = tools.wait(partial(_unknown_thing, tools, following, new), _REPLICATED_WITHIN)
        known = _joined(tools, following, thing)
        for joined in (new, known):
            for place in (region, following):
                tools.wait(partial(_unknown_thing, tools, place, joined), _REPLICATED_WITHIN)
        evidence[f"joined in {region}"] = (
            f"replicated to {following} after {seconds:.0f} s, where it joined again"
        )
    return evidence


def _joined(tools: RunTools, region: str, thing: str) -> Joined:
    done: list[Joined] = []

    def missing() -> str:
        try:
            done[:] = [tools.join(tools.device, region, thing)]
        except NotJoinedError as error:
            return str(error)
        return ""

    tools.wait(missing, POLICY_MINUTES)
    return done[0]


def _unknown_thing(tools: RunTools, region: str, joined: Joined) -> str:
    """Return why a region would refuse what joined, or "" if it would accept it."""
    arn, call = tools.device.arn(region, joined.certificate_id), partial(tools.clients.call, "iot")
    try:
        of = call(region, "describe_certificate", certificateId=joined.certificate_id)
        if (status_ := of["certificateDescription"]["status"]) != "ACTIVE":
            return f"the certificate of {joined.thing} is {status_} in {region}"
        if joined.thing not in call(region, "list_principal_things", principal=arn)["things"]:
            return f"{joined.thing} does not have its certificate in {region}"
        policies = call(region, "list_attached_policies", target=arn)["policies"]
    except RequestRefusedError as error:
        if error.code == NOT_FOUND:
            return f"{joined.thing} is not in {region}"
        raise
    attached = {each["policyName"] for each in policies}
    wanted = device_policy_name(stack_context(tools.settings, region))
    if wanted in attached:
        return ""
    return f"{joined.thing} does not have the devices' policy in {region}"
