"""Finds changes that only some of several similar regions get."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from iot_dr.review.impact.review import AsymmetricChange
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.route53.aws_host import REGION_IN_ADDRESS
from iot_dr.rules.support.regional_stack import siblings
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.resource_set import ResourceSet

_INDEX: Final = re.compile(r"\[\d+\]")
_Group = tuple[str, str]
"""A stack, or a family of stacks, and an address without its region."""


def asymmetric_changes(
    stacks: Sequence[StackReview], resources: ResourceSet
) -> tuple[AsymmetricChange, ...]:
    """Return the changes to existing resources that their counterparts do not get, sorted.

    Counterparts have the same address in the stacks of other regions or, in one stack, the same
    address but for the region in it. Created resources are ignored: a region that joins has no
    counterpart that stays.
    """
    groups = _groups(resources)
    changes = {
        (change.stack, change.address): change
        for stack in stacks
        for change in stack.changes
        if change.action is not None and not change.deposed
    }
    return tuple(
        asymmetric_change
        for group in sorted(groups)
        for asymmetric_change in _differing(group, groups[group], changes)
    )


def _groups(resources: ResourceSet) -> Mapping[_Group, Mapping[str, tuple[str, str]]]:
    """Return the existing resources that several regions have: stack and address by region."""
    families = {
        sibling.stack.name: (sibling.family, sibling.region)
        for family in siblings(resources)
        for sibling in family
    }
    groups: defaultdict[_Group, dict[str, tuple[str, str]]] = defaultdict(dict)
    for stack in resources.stacks:
        family, stack_region = families.get(stack.name, (stack.name, ""))
        for resource in stack.resources:
            if resource.mode != "managed" or resource.change is None:
                continue
            if resource.change.before is None:
                continue
            address, own_region = _without_region(resource.address)
            if region := stack_region or own_region:
                groups[family, address][region] = (resource.stack, resource.address)
    return {group: members for group, members in groups.items() if len(members) > 1}


def _without_region(address: str) -> tuple[str, str]:
    match = REGION_IN_ADDRESS.search(address)
    region = match.group().replace("_", "-") if match else ""
    return REGION_IN_ADDRESS.sub("*", address), region


def _differing(
    group: _Group,
    members: Mapping[str, tuple[str, str]],
    changes: Mapping[tuple[str, str], ResourceChange],
) -> Iterator[AsymmetricChange]:
    changed = {region: change for region, key in members.items() if (change := changes.get(key))}
    if not changed:
        return
    by_regions: defaultdict[tuple[Action, tuple[str, ...]], list[str]] = defaultdict(list)
    for (action, path), regions in _paths(changed).items():
        if len(regions) < len(members):
            by_regions[action, tuple(sorted(regions))].append(path)
    _, address = group
    for (action, regions), paths in sorted(by_regions.items(), key=lambda item: item[0][1]):
        yield AsymmetricChange(
            change=f"{address}: {action.value}",
            changed_in=regions,
            unchanged_in=tuple(sorted(members.keys() - set(regions))),
            paths=tuple(sorted(filter(None, paths))),
        )


def _paths(
    changed: Mapping[str, ResourceChange],
) -> Mapping[tuple[Action, str], set[str]]:
    """Return the regions in which each path differs; the path of a whole resource is empty."""
    regions: defaultdict[tuple[Action, str], set[str]] = defaultdict(set)
    for region, change in changed.items():
        assert change.action is not None  # noqa: S101 - `asymmetric_changes` filters these out
        has_paths = change.action in {Action.UPDATE, Action.REPLACE}
        for path in [diff.path for diff in change.diffs] if has_paths else [""]:
            # Terraform writes sets as lists, whose order differs between regions.
            regions[change.action, _INDEX.sub("", path)].add(region)
    return regions
