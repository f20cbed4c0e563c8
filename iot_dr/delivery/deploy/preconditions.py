"""Checks before a deployment: attached IoT policies, and leaving regions that still serve."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.deploy.adopted import is_protected
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.status.name_answers import DeviceNameQuery, NameAnswer, NameServerAnswer
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.terraform.stack_document import StackDocument
from stacks.graph import StackNode

_SECONDS: Final = 30.0
# docs.aws.amazon.com/iot/latest/apireference/API_ListTargetsForPolicy.html, pageSize
_PAGE: Final = 250
_NAMED: Final = 3


class PolicyAttachedError(UserError):
    """A policy is attached to certificates or groups, or this could not be checked."""


def refuse_attached_policies(stacks: Path, nodes: Sequence[StackNode], clients: Clients) -> None:
    """Raise PolicyAttachedError if IoT policies of these stacks are still attached.

    Also if a region cannot be queried. The message has the targets, and the command to detach them.
    `iot:DeletePolicy` fails with DeleteConflictException while there are targets, and Terraform
    does not detach: docs.aws.amazon.com/iot/latest/apireference/API_DeletePolicy.html. Checked
    before anything is destroyed, since the entry point goes first, and with it the devices' names.
    Not of a policy that Terraform refuses to destroy: the fleet had it before (ADR 0041).
    """
    policies = [
        (node.region, policy["name"])
        for node in nodes
        for policy in _resources(StackDocument.read(stacks / node.name), "aws_iot_policy")
        if not is_protected(policy)
    ]
    asked = {each: partial(_targets, clients, *each) for each in policies}
    lines = [
        line
        for (region, name), answer in gather(asked, _SECONDS).items()
        for line in _refusal(region, name, answer)
    ]
    if lines:
        lead = "nothing is destroyed: these IoT policies are attached, or could not be checked:"
        raise PolicyAttachedError("\n".join([lead, *lines]))


def _resources(document: StackDocument, type_: str) -> Iterable[dict[str, Any]]:
    return document.content.get("resource", {}).get(type_, {}).values()


def _targets(clients: Clients, region: str, name: str) -> list[str]:
    try:
        answer = clients.call(
            "iot", region, "list_targets_for_policy", policyName=name, pageSize=_PAGE
        )
    except RequestRefusedError as error:
        if error.code == "ResourceNotFoundException":
            return []
        raise
    return answer["targets"]


def _refusal(region: str, name: str, answer: list[str] | UserError) -> Iterator[str]:
    if isinstance(answer, UserError):
        yield f"  {name} ({region}): not known: {answer}"
    elif answer:
        count = f"{_PAGE} or more" if len(answer) >= _PAGE else str(len(answer))
        more = ", ..." if len(answer) > _NAMED else ""
        yield f"  {name} ({region}): attached to {count}: {', '.join(answer[:_NAMED])}{more}"
        yield "    Detach it, which cuts off who is connected with it, and run the command again:"
        which = f"--policy-name {name} --region {region}"
        yield (
            f"    aws iot list-targets-for-policy {which} --query 'targets[]' --output text"
            f" | xargs -r -n 1 aws iot detach-policy {which} --target"
        )


class RegionStillServesError(UserError):
    """Devices would be cut off: new connections still go to a region that is leaving."""


def refuse_serving_region(
    settings: Settings, network: Network, show: Callable[[str], None]
) -> None:
    """Raise RegionStillServesError if a server of the zone directs devices to a leaving region.

    If none of them answers, the reason goes to `show` and nothing is refused.
    """
    if not settings.leaving_regions:
        return
    search = DeviceNameQuery(settings=settings, network=network)
    # Finding the servers takes more than one query, so the total limit applies.
    seen = query_all({"servers": search.authoritative}, network.limits.total)["servers"]
    views = () if isinstance(seen, UnknownValue) else seen
    for region in settings.leaving_regions:
        _refuse(settings, region, views)
    if not any(isinstance(each.answer, NameAnswer) for each in views):
        reason = seen.reason if isinstance(seen, UnknownValue) else _reasons(views)
        show(
            f"Whether {settings.device_name} still leads to"
            f" {', '.join(settings.leaving_regions)} is not known: {reason}"
        )


def _refuse(settings: Settings, region: str, views: tuple[NameServerAnswer, ...]) -> None:
    name = settings.regional_name(region)
    leading = [
        view.server
        for view in views
        if isinstance(view.answer, NameAnswer) and view.answer.target == name
    ]
    if leading:
        message = (
            f"leaving_regions: {region}: {', '.join(leading)} still lead {settings.device_name}"
            " there, so devices would be cut off; see"
            f" `iot-dr status --env {settings.environment}` for what keeps the other regions from"
            " answering, and deploy once one of them does"
            " (docs/runbooks/remove-region.md)"
        )
        raise RegionStillServesError(message)


def _reasons(views: tuple[NameServerAnswer, ...]) -> str:
    reasons = (
        f"{view.server}: {view.answer.reason}"
        for view in views
        if isinstance(view.answer, UnknownValue)
    )
    return "; ".join(reasons)
