"""Resources that the primary has and a standby lacks."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.failover import failover_regions, primary_region
from iot_dr.rules.rule import Finding, Verdict, finding_at
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.rules.support.references import needed_by_iot, types_from_other_stacks
from iot_dr.rules.support.regional_stack import (
    RegionalStack,
    common_address,
    existing_resources,
    siblings,
)
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from modules.served_certificate import VALIDATION_RECORD

DEVICE_PATH: Final = "device-path-differs"
"""The id of the rule that reports them."""
_TABLE: Final = "aws_dynamodb_table"
_COPIES: Final = {
    _TABLE: "aws_dynamodb_table_replica",
    "aws_kms_key": "aws_kms_replica_key",
}
_VALIDATED_BY: Final = f"aws_route53_record.{VALIDATION_RECORD}"
_ADVICE: Final = (
    "Resources that serve devices must exist in every region before a failover: create it there"
    " too."
)
_AS_REPLICA: Final = " For a table create a replica: a new table of the same name starts empty."


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingResource:
    """A resource that a region lacks: its address or type (`what`) in the stack that has it."""

    stack: str
    what: str
    region: str
    finding: Finding


def missing_resources(
    resources: ResourceSet, expected: DesignExpectation | None
) -> Iterator[MissingResource]:
    """Yield the resources that a region lacks and the primary has.

    Each region of a family is compared with every other if the primary is unknown or not in it.
    """
    primary = expected.failover.order[0] if expected else primary_region(resources)
    for family in siblings(resources):
        yield from _family(resources, family, primary, expected)
    yield from _within(resources)


def _family(
    resources: ResourceSet,
    family: tuple[RegionalStack, ...],
    primary: str | None,
    expected: DesignExpectation | None,
) -> Iterator[MissingResource]:
    models = [each for each in family if each.region == primary] or list(family)
    for model in models:
        for stack in family:
            if stack is not model:
                yield from _missing(resources, model, stack, expected)


def _missing(
    resources: ResourceSet,
    model: RegionalStack,
    stack: RegionalStack,
    expected: DesignExpectation | None,
) -> Iterator[MissingResource]:
    is_ours = is_our_stack(stack.stack.name, expected)
    addresses = {common_address(resources, each) for each in existing_resources(stack.stack)}
    missing = [
        resource
        for resource in existing_resources(model.stack)
        if common_address(resources, resource) not in addresses
    ]
    borrowed = types_from_other_stacks(resources, stack) if missing else set[str]()
    for resource in missing:
        if is_ours and resource.address == _VALIDATED_BY:
            continue
        made_once = is_global(resource.type) or _is_replicated(resource, stack.region)
        if resource.type not in borrowed and (is_ours or not made_once):
            yield MissingResource(
                stack=resource.stack,
                what=resource.address,
                region=stack.region,
                finding=_finding(resource, model.region, stack, is_ours=is_ours),
            )


def _finding(resource: Resource, region: str, stack: RegionalStack, *, is_ours: bool) -> Finding:
    return Finding(
        rule=DEVICE_PATH,
        verdict=Verdict.BLOCK if is_ours else Verdict.WARN,
        stack=stack.stack.name,
        message=f"{stack.region} lacks {resource.address}, which {region} has in"
        f" {resource.stack}. {_advice(resource.type)}",
    )


def _within(resources: ResourceSet) -> Iterator[MissingResource]:
    """Compare the resources that AWS IoT needs in the regions of one document.

    Names do not correspond within a document, so resources are counted by type.
    """
    regions = failover_regions(resources)
    if regions is None:
        return
    primary, standbys = regions
    for stack in resources.stacks:
        for region in standbys & set(stack.providers.values()):
            yield from _fewer(resources, stack, primary, region)


def _fewer(
    resources: ResourceSet, stack: StackResources, primary: str, standby: str
) -> Iterator[MissingResource]:
    counts = Counter((each.region, each.type) for each in existing_resources(stack))
    needed = needed_by_iot(resources, stack)
    for type_, resource in {each.type: each for each in needed if each.region == primary}.items():
        has, wants = counts[standby, type_], counts[primary, type_]
        has_copies = counts[standby, _COPIES.get(type_, "")] or _is_replicated(resource, standby)
        if has < wants and not has_copies:
            message = (
                f"{standby} has {has or 'no'} {type_} where {primary} has {wants}. {_advice(type_)}"
            )
            yield MissingResource(
                stack=stack.name,
                # With some of the type, it is unknown which resource is missing.
                what=resource.address if has else type_,
                region=standby,
                finding=finding_at(resource, DEVICE_PATH, message, Verdict.WARN),
            )


def _advice(type_: str) -> str:
    return f"{_ADVICE}{_AS_REPLICA if type_ == _TABLE else ''}"


def _is_replicated(resource: Resource, region: str) -> bool:
    """Whether a resource has a `replica` block for a region."""
    copies = blocks(resource.values, "replica")
    return any(region in (each.get("region_name"), each.get("region")) for each in copies)
