"""A standby without something that the primary has."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.resources.block import blocks
from iot_dr.resources.resource import Resource
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.resources.stack_resources import StackResources
from iot_dr.rules.failover_pairs import failover_regions, first_region
from iot_dr.rules.finding_at import finding_at
from iot_dr.rules.reach import borrowed_types, needed_by_iot
from iot_dr.rules.regional_stack import (
    RegionalStack,
    is_global,
    siblings,
    standing,
    without_region,
)
from iot_dr.rules.rule import Finding, Rule, Verdict

_ID: Final = "standby-lacks-resource"
_COPIES: Final = {
    "aws_dynamodb_table": "aws_dynamodb_table_replica",
    "aws_kms_key": "aws_kms_replica_key",
}
_ADVICE: Final = (
    "What serves devices has to stand in every region beforehand: create it there too, for a"
    " failover has no time for it."
)


def _find(resources: ResourceSet, settings: Settings | None) -> Iterator[Finding]:
    primary = settings.primary_region if settings else first_region(resources)
    for family in siblings(resources):
        yield from _family(resources, family, primary, settings)
    yield from _within(resources)


def _family(
    resources: ResourceSet,
    family: tuple[RegionalStack, ...],
    primary: str | None,
    settings: Settings | None,
) -> Iterator[Finding]:
    models = [each for each in family if each.region == primary] or list(family)
    for model in models:
        for other in family:
            if other is not model:
                yield from _missing(resources, model, other, settings)


def _missing(
    resources: ResourceSet, model: RegionalStack, other: RegionalStack, settings: Settings | None
) -> Iterator[Finding]:
    is_ours = settings is not None and other.stack.name.startswith(f"iot-{settings.environment}-")
    there = {without_region(each.address) for each in standing(other.stack)}
    missing = [each for each in standing(model.stack) if without_region(each.address) not in there]
    borrowed = borrowed_types(resources, other) if missing else set[str]()
    for resource in missing:
        made_once = is_global(resource.type) or _is_replicated(resource, other.region)
        if resource.type not in borrowed and (is_ours or not made_once):
            yield _finding(resource, model.region, other, is_ours=is_ours)


def _finding(resource: Resource, region: str, other: RegionalStack, *, is_ours: bool) -> Finding:
    return Finding(
        rule=_ID,
        verdict=Verdict.BLOCK if is_ours else Verdict.WARN,
        stack=other.stack.name,
        address=None,
        message=f"{other.region} lacks {resource.address}, which {region} has in"
        f" {resource.stack}. {_ADVICE}",
    )


def _within(resources: ResourceSet) -> Iterator[Finding]:
    """Compare the regions of one document by what AWS IoT needs, for names tell nothing there."""
    regions = failover_regions(resources)
    if regions is None:
        return
    primary, standbys = regions
    for stack in resources.stacks:
        for region in standbys & set(stack.providers.values()):
            yield from _fewer(resources, stack, primary, region)


def _fewer(
    resources: ResourceSet, stack: StackResources, primary: str, standby: str
) -> Iterator[Finding]:
    counts = Counter((each.region, each.type) for each in standing(stack))
    needed = needed_by_iot(resources, stack)
    for type_, resource in {each.type: each for each in needed if each.region == primary}.items():
        has, wants = counts[standby, type_], counts[primary, type_]
        has_copies = counts[standby, _COPIES.get(type_, "")] or _is_replicated(resource, standby)
        if has < wants and not has_copies:
            yield finding_at(
                resource,
                _ID,
                f"{standby} has {has or 'no'} {type_} where {primary} has {wants}. {_ADVICE}",
                Verdict.WARN,
            )


def _is_replicated(resource: Resource, region: str) -> bool:
    """Whether a resource has a copy of itself in a region, made through it."""
    copies = blocks(resource.values, "replica")
    return any(region in (each.get("region_name"), each.get("region")) for each in copies)


RULE: Final = Rule(
    id=_ID,
    title="A standby that has what the primary has",
    why="A failover only changes the answer of a name: a topic rule, a policy or a domain"
    " configuration that stands in the primary alone is missing when the fleet arrives. It blocks"
    " for our own stacks, which are made alike, and warns for others, whose names tell less.",
    source="docs.aws.amazon.com/wellarchitected/latest/iot-lens, reliability;"
    " docs.aws.amazon.com/prescriptive-guidance/latest/aws-multi-region-fundamentals",
    find=_find,
)
