"""Finds what changes in one region alone, though others have the same."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from iot_dr.review.impact.review import OneSided
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.route53.aws_host import region_pattern
from iot_dr.rules.support.regional_stack import siblings
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.resource_set import ResourceSet

_REGION: Final = re.compile(region_pattern("[-_]"))
_INDEX: Final = re.compile(r"\[\d+\]")
_Group = tuple[str, str]
"""A stack, or a family of stacks, and an address without its region."""


def one_sided(stacks: Sequence[StackReview], resources: ResourceSet) -> tuple[OneSided, ...]:
    """Return what regions have alike and that does not change alike in all of them, in order.

    The stacks of regions have the same addresses, and other stacks have the region in them. What
    is only created has no counterpart that stays: a region that joins, or that catches up.
    """
    groups = _groups(resources)
    changes = {
        (change.stack, change.address): change
        for stack in stacks
        for change in stack.changes
        if change.action is not None and not change.deposed
    }
    found = (each for key in sorted(groups) for each in _differing(key, groups[key], changes))
    return tuple(found)


def _groups(resources: ResourceSet) -> Mapping[_Group, Mapping[str, tuple[str, str]]]:
    """Return the resources that were there before, by what they are and by their region."""
    families = {
        each.stack.name: (each.family, each.region)
        for family in siblings(resources)
        for each in family
    }
    found: defaultdict[_Group, dict[str, tuple[str, str]]] = defaultdict(dict)
    for stack in resources.stacks:
        family, region = families.get(stack.name, (stack.name, ""))
        for resource in stack.resources:
            if resource.mode != "managed" or resource.change is None:
                continue
            if resource.change.before is None:
                continue
            address, own = _without_region(resource.address)
            if place := region or own:
                found[family, address][place] = (resource.stack, resource.address)
    return {key: members for key, members in found.items() if len(members) > 1}


def _without_region(address: str) -> tuple[str, str]:
    found = _REGION.search(address)
    return (_REGION.sub("*", address), found.group().replace("_", "-")) if found else (address, "")


def _differing(
    key: _Group,
    members: Mapping[str, tuple[str, str]],
    changes: Mapping[tuple[str, str], ResourceChange],
) -> Iterator[OneSided]:
    changed = {
        region: change for region, place in members.items() if (change := changes.get(place))
    }
    if not changed:
        return
    by_regions: defaultdict[tuple[Action, tuple[str, ...]], list[str]] = defaultdict(list)
    for (action, path), regions in _paths(changed).items():
        if len(regions) < len(members):
            by_regions[action, tuple(sorted(regions))].append(path)
    _, address = key
    for (action, regions), paths in sorted(by_regions.items(), key=lambda each: each[0][1]):
        yield OneSided(
            what=f"{address}: {action.value}",
            changed=regions,
            unchanged=tuple(sorted(members.keys() - set(regions))),
            paths=tuple(sorted(filter(None, paths))),
        )


def _paths(
    changed: Mapping[str, ResourceChange],
) -> Mapping[tuple[Action, str], set[str]]:
    """Return the regions in which each path differs; what goes, goes as a whole."""
    found: defaultdict[tuple[Action, str], set[str]] = defaultdict(set)
    for region, change in changed.items():
        assert change.action is not None  # noqa: S101 - `one_sided` keeps no other
        is_part = change.action in {Action.UPDATE, Action.REPLACE}
        for path in [each.path for each in change.diffs] if is_part else [""]:
            # Sets are written in an order of their own in each region.
            found[change.action, _INDEX.sub("", path)].add(region)
    return found
