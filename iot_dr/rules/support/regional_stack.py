"""Stacks of one region of a platform in several regions."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from iot_dr.route53.aws_host import REGION, region_pattern
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from modules.global_region import GLOBAL_REGION

# Types that must be in us-east-1 for global services: certificates, web ACLs, log groups, and
# alarms on Route 53's metrics (docs.aws.amazon.com/AmazonCloudFront/
# latest/DeveloperGuide/cnames-and-https-requirements.html; docs.aws.amazon.com/Route53/latest/
# DeveloperGuide/monitoring-cloudwatch.html and query-logs.html).
_ONLY_IN_GLOBAL_REGION: Final = (
    "aws_acm_certificate",
    "aws_cloudwatch_log_",
    "aws_cloudwatch_metric_alarm",
    "aws_sns_topic",
    "aws_wafv2_",
)
_REGION_WORD: Final = re.compile(
    rf"{region_pattern('[-_]')}|(?<![a-z])(?:primary|secondary|standby)(?![a-z])"
)
_OURS: Final = re.compile(rf"iot-[\w-]+-({REGION})")
_ALIKE: Final = 0.5
_NAMES: Final = ("name", "function_name", "alarm_name", "domain_name", "bucket")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalStack:
    """A stack of one region, as `regional_stacks` defines it.

    `family` is equal for the corresponding stacks of other regions.
    """

    stack: StackResources
    region: str
    family: str


def without_region(text: str) -> str:
    """Return a name with a star for each region or role in it."""
    return _REGION_WORD.sub("*", text)


def existing_resources(stack: StackResources) -> Iterator[Resource]:
    """Return the managed resources of a stack that exist after the plan."""
    return (each for each in stack.resources if each.mode == "managed" and each.exists)


def common_address(resources: ResourceSet, resource: Resource) -> str:
    """Return an address without regions, the same for corresponding resources of regional stacks.

    Logical ids and keys of `for_each` mean nothing: without a counterpart of its address in another
    region, a resource has the address of the one of its type and name that lacks one there too.
    """
    address = without_region(resource.address)
    return _counterparts(resources).get((resource.stack, resource.address), address)


@lru_cache(maxsize=1)
def _counterparts(resources: ResourceSet) -> Mapping[tuple[str, str], str]:
    """Return the address without regions of the counterparts of resources that have another one."""
    counterparts = dict[tuple[str, str], str]()
    for first, *others in siblings(resources):
        model = {without_region(each.address): each for each in existing_resources(first.stack)}
        for other in others:
            own = {without_region(each.address): each for each in existing_resources(other.stack)}
            alone = defaultdict[tuple[str, str], tuple[list[str], list[Resource]]](lambda: ([], []))
            for address, resource in model.items():
                for key in _keys(resource) if address not in own else ():
                    alone[key][0].append(address)
            for address, resource in own.items():
                for key in _keys(resource) if address not in model else ():
                    alone[key][1].append(resource)
            for addresses, unmatched in alone.values():
                if len(addresses) == len(unmatched) == 1:
                    (resource,) = unmatched
                    counterparts.setdefault((resource.stack, resource.address), addresses[0])
    return counterparts


def _keys(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield the keys by which a resource corresponds to another: type and name, then the type."""
    for argument in _NAMES:
        if isinstance(name := resource.values.get(argument), str):
            yield resource.type, without_region(name)
    yield resource.type, ""


@lru_cache(maxsize=1)
def regional_stacks(resources: ResourceSet) -> tuple[RegionalStack, ...]:
    """Return the stacks of one region that belong to a platform in several regions.

    A regional stack is a stack of iot-dr, by its name, or has a counterpart in the set: a stack of
    a similar name with similar types in another region. A root module of several regions is not
    one, nor a single-region stack with a CloudFront certificate in us-east-1.
    """
    candidates = [regional for stack in resources.stacks if (regional := _regional(stack))]
    families: dict[str, list[RegionalStack]] = defaultdict(list)
    for regional in candidates:
        families[regional.family].append(regional)
    return tuple(
        candidate
        for candidate in candidates
        if _OURS.fullmatch(candidate.stack.name)
        or _has_mirror(candidate, families[candidate.family])
    )


def siblings(resources: ResourceSet) -> tuple[tuple[RegionalStack, ...], ...]:
    """Return the families of two or more regional stacks, one stack per region."""
    families: dict[str, dict[str, RegionalStack]] = defaultdict(dict)
    for stack in regional_stacks(resources):
        families[stack.family].setdefault(stack.region, stack)
    return tuple(tuple(family.values()) for family in families.values() if len(family) > 1)


def _regional(stack: StackResources) -> RegionalStack | None:
    region = _region_by_name(stack) or _only_region(stack)
    if region is None or _sides(stack) >= {"PRIMARY", "SECONDARY"}:
        return None
    return RegionalStack(stack=stack, region=region, family=without_region(stack.name))


def _region_by_name(stack: StackResources) -> str | None:
    """Return the region in the name of an iot-dr stack; None if it has no resources there."""
    named = _OURS.fullmatch(stack.name)
    is_there = named and any(each.region == named.group(1) for each in _own(stack))
    return named.group(1) if named and is_there else None


def _only_region(stack: StackResources) -> str | None:
    regions = {each.region for each in _own(stack) if each.region}
    if regions != {GLOBAL_REGION}:
        regions = {
            resource.region
            for resource in _own(stack)
            if resource.region
            and (
                resource.region != GLOBAL_REGION
                or not resource.type.startswith(_ONLY_IN_GLOBAL_REGION)
            )
        }
    return regions.pop() if len(regions) == 1 else None


def _own(stack: StackResources) -> Iterator[Resource]:
    """Return a stack's resources that are not global."""
    return (each for each in existing_resources(stack) if not is_global(each.type))


def _has_mirror(stack: RegionalStack, family: list[RegionalStack]) -> bool:
    types = _types(stack.stack)
    sibling_types = (_types(each.stack) for each in family if each.region != stack.region)
    return any(len(types & sibling) >= _ALIKE * len(types | sibling) for sibling in sibling_types)


def _types(stack: StackResources) -> set[str]:
    return {each.type for each in _own(stack)}


def _sides(stack: StackResources) -> set[str]:
    """Return the sides of a stack's failover records; a stack with both is not regional."""
    policies = (block(each.values, "failover_routing_policy") for each in existing_resources(stack))
    return {str(policy.get("type")).upper() for policy in policies if policy}
