"""Stacks that make up one region of several."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from iot_dr.resources.block import block
from iot_dr.resources.resource import Resource
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.resources.stack_resources import StackResources
from iot_dr.rules.aws_host import region_pattern

GLOBAL_REGION: Final = "us-east-1"
"""Where the control planes of Route 53, IAM and CloudFront are (aws.amazon.com/about-aws/
global-infrastructure; docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries)."""

# Not of the region of the provider that makes them.
_GLOBAL: Final = (
    "aws_route53_",
    "aws_iam_",
    "aws_cloudfront_",
    "aws_globalaccelerator_",
    "aws_organizations_",
    "aws_shield_",
)
_REGION_WORD: Final = re.compile(
    rf"{region_pattern('[-_]')}|(?<![a-z])(?:primary|secondary|standby)(?![a-z])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalStack:
    """A stack all of whose regional resources are in one region.

    `family` is the same for the stacks that are made alike for other regions.
    """

    stack: StackResources
    region: str
    family: str


def is_global(type_: str) -> bool:
    """Tell whether resources of a type belong to no region."""
    return type_.startswith(_GLOBAL)


def without_region(text: str) -> str:
    """Give a name with a star for the region, or for the role, that is in it."""
    return _REGION_WORD.sub("*", text)


def standing(stack: StackResources) -> Iterator[Resource]:
    """Give the managed resources of a stack that are there after the change."""
    return (each for each in stack.resources if each.mode == "managed" and each.is_there)


@lru_cache(maxsize=1)
def regional_stacks(resources: ResourceSet) -> tuple[RegionalStack, ...]:
    """Give the stacks of one region that are part of a platform in several.

    Such a stack has something of AWS IoT in it, or a sibling: one that is named alike, in another
    region. What a stack has in us-east-1 besides does not make it one of two regions.
    """
    candidates = [each for stack in resources.stacks if (each := _regional(stack))]
    families: dict[str, set[str]] = defaultdict(set)
    for each in candidates:
        families[each.family].add(each.region)
    return tuple(
        each for each in candidates if len(families[each.family]) > 1 or _has_iot(each.stack)
    )


def siblings(resources: ResourceSet) -> tuple[tuple[RegionalStack, ...], ...]:
    """Give the families of two and more regional stacks, one stack a region."""
    families: dict[str, dict[str, RegionalStack]] = defaultdict(dict)
    for each in regional_stacks(resources):
        families[each.family].setdefault(each.region, each)
    return tuple(tuple(family.values()) for family in families.values() if len(family) > 1)


def _regional(stack: StackResources) -> RegionalStack | None:
    found = {each.region for each in standing(stack) if each.region and not is_global(each.type)}
    regions = found - {GLOBAL_REGION} or found
    if len(regions) != 1 or _sides(stack) >= {"PRIMARY", "SECONDARY"}:
        return None
    return RegionalStack(stack=stack, region=regions.pop(), family=without_region(stack.name))


def _sides(stack: StackResources) -> set[str]:
    """Give the sides of the failover records: who owns both stands above the regions."""
    policies = (block(each.values, "failover_routing_policy") for each in standing(stack))
    return {str(policy.get("type")).upper() for policy in policies if policy}


def _has_iot(stack: StackResources) -> bool:
    return any(each.type.startswith("aws_iot_") for each in standing(stack))
