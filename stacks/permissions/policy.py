"""Grants as statements of an IAM policy."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from stacks.permissions.grant import Grant

Statement = dict[str, Any]

_TOKEN_NUMBER: Final = re.compile(r"(?<=TOKEN\.)\d+")


@dataclass
class _Bin:
    """Grants in one statement; their services differ, so no action fits another's resource."""

    services: set[str]
    actions: list[str]
    resources: list[str]


def allow(grants: Iterable[Grant]) -> list[Statement]:
    """Return statements, as few as fit, that allow each action on its own resources only."""
    return [
        _statement(merged, condition)
        for condition, by_resource in sorted(
            _by_condition(grants).items(), key=lambda each: _order(each[0])
        )
        for merged in _bins(by_resource)
    ]


def deny(actions: Iterable[str], resources: Iterable[str]) -> Statement:
    """Return a Deny statement, which no Allow can override."""
    return {"Effect": "Deny", "Action": sorted(actions), "Resource": sorted(resources, key=_order)}


def _order(text: str) -> str:
    """Return the sort key of a text: an engine's token 100 is after its token 99."""
    return _TOKEN_NUMBER.sub(lambda number: number[0].zfill(9), text)


def _by_condition(grants: Iterable[Grant]) -> dict[str, dict[str, set[str]]]:
    """Return actions by resource, keyed by the condition as JSON."""
    actions: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for grant in grants:
        condition = json.dumps(grant.condition, sort_keys=True)
        for resource in grant.resources:
            actions[condition][resource].update(grant.actions)
    return actions


def _bins(by_resource: dict[str, set[str]]) -> Iterator[_Bin]:
    resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for resource, actions in by_resource.items():
        resources[tuple(sorted(actions))].append(resource)
    bins: list[_Bin] = []
    for actions, named in sorted(resources.items()):
        # With the resource `*`, other actions of the statement would apply to all resources too.
        services = {"*"} if "*" in named else {action.partition(":")[0] for action in actions}
        home = next((each for each in bins if _fits(services, each)), None)
        if home is None:
            home = _Bin(set(), [], [])
            bins.append(home)
        home.services |= services
        home.actions += actions
        home.resources += named
    yield from bins


def _fits(services: set[str], other: _Bin) -> bool:
    if "*" in services or "*" in other.services:
        return services == other.services
    return services.isdisjoint(other.services)


def _statement(merged: _Bin, condition: str) -> Statement:
    statement: Statement = {
        "Effect": "Allow",
        "Action": sorted(set(merged.actions)),
        "Resource": sorted(set(merged.resources), key=_order),
    }
    return {**statement, "Condition": json.loads(condition)} if condition != "{}" else statement
