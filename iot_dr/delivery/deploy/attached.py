"""IoT policies that are still attached, which AWS refuses to delete."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RefusedError
from iot_dr.observe.aws.gathering import gather
from iot_dr.terraform.stack_document import StackDocument
from stacks.graph import StackNode

_SECONDS: Final = 30.0
# docs.aws.amazon.com/iot/latest/apireference/API_ListTargetsForPolicy.html, pageSize
_PAGE: Final = 250
_NAMED: Final = 3


class StillAttachedError(UserError):
    """A policy is attached to certificates or groups, or nobody answers whether it is."""


def refuse_attached(stacks: Path, nodes: Sequence[StackNode], clients: Clients) -> None:
    """Ask each region for the targets of its stacks' policies, before anything is destroyed.

    `iot:DeletePolicy` fails with DeleteConflictException while there are any, and Terraform does
    not detach: docs.aws.amazon.com/iot/latest/apireference/API_DeletePolicy.html. The devices'
    names would be gone by then, as the entry point goes first.

    Raises StillAttachedError with what is attached where, and the command that detaches it.
    """
    policies = [
        (node.region, policy["name"])
        for node in nodes
        for policy in _resources(StackDocument.read(stacks / node.name), "aws_iot_policy")
    ]
    asked = {each: partial(_targets, clients, *each) for each in policies}
    told = [
        line
        for (region, name), answer in gather(asked, _SECONDS).items()
        for line in _refusal(region, name, answer)
    ]
    if told:
        lead = "nothing is destroyed: these IoT policies are attached, or could not be checked:"
        raise StillAttachedError("\n".join([lead, *told]))


def _resources(document: StackDocument, type_: str) -> Iterable[Mapping[str, Any]]:
    return document.content.get("resource", {}).get(type_, {}).values()


def _targets(clients: Clients, region: str, name: str) -> list[str]:
    try:
        answer = clients.call(
            "iot", region, "list_targets_for_policy", policyName=name, pageSize=_PAGE
        )
    except RefusedError as error:
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
