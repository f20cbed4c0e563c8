"""Calls that a grant is for, with whatever its conditions ask: what a role could do at best."""

from collections.abc import Iterable, Iterator
from typing import Any

from stacks.permissions.grant import Grant
from tests.support.iam import Call, listed

ACCOUNT = "111111111111"


def calls_for(grants: Iterable[Grant]) -> Iterator[Call]:
    """Return a call for each action on each resource; patterns are filled in."""
    for grant in grants:
        context = _context(grant)
        region = listed(context.get("aws:RequestedRegion", "x"))[0]
        for resource in grant.resources:
            head, colon, rest = resource.partition(":*:")
            named = f"{head}:{region}:{rest}" if colon else resource
            concrete = "*" if resource == "*" else _filled(named)
            for action in grant.actions:
                yield Call(action.replace("*", "Acl"), concrete, context)


def _context(grant: Grant) -> dict[str, Any]:
    # Where global services answer, for grants that ask for no region.
    context: dict[str, Any] = {
        "aws:RequestedRegion": "us-east-1",
        "aws:ResourceAccount": ACCOUNT,
    }
    for operator, by_key in grant.condition.items():
        if operator.startswith("StringNot") or operator.endswith("IfExists") or operator == "Null":
            continue
        for key, wanted in by_key.items():
            is_pattern = operator.endswith("Like")
            values = tuple(_filled(each) if is_pattern else each for each in listed(wanted))
            context[key] = values if operator.startswith("ForAllValues:") else values[0]
    return context


def _filled(pattern: str) -> str:
    return pattern.replace("*", "x").replace("?", "1")
