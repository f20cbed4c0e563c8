"""Resources reachable by references, within a stack and across stacks."""

from collections.abc import Iterable, Iterator

from iot_dr.rules.support.regional_stack import RegionalStack, existing_resources
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.expression import references
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources


def referenced_in(resources: ResourceSet, resource: Resource, text: str) -> Iterator[Resource]:
    """Yield every resource that a text of a resource refers to, by expression or by ARN."""
    expressions = [f"${{{each}}}" for each in references(text)]
    if text in resource.origins or text.startswith("arn:"):
        expressions.append(text)
    for expression in expressions:
        if referred := resources.referenced(resource, expression):
            yield referred


def reachable(resources: ResourceSet, start: Iterable[Resource]) -> Iterator[Resource]:
    """Yield resources and all that they refer to, directly or indirectly, each once."""
    pending, seen = list(start), set[tuple[str, str]]()
    while pending:
        resource = pending.pop()
        if (key := (resource.stack, resource.address)) not in seen:
            seen.add(key)
            yield resource
            for _, text in strings(resource.values):
                pending += referenced_in(resources, resource, text)


def types_from_other_stacks(resources: ResourceSet, stack: RegionalStack) -> set[str]:
    """Return the types a stack uses from other stacks of its region, without having any.

    For example, a certificate that the zone's stack passes to a region is not missing there.
    """
    own = {each.type for each in existing_resources(stack.stack)}
    return {
        resource.type
        for resource in reachable(resources, existing_resources(stack.stack))
        if resource.stack != stack.stack.name and resource.region == stack.region
    } - own


def needed_by_iot(resources: ResourceSet, stack: StackResources) -> tuple[Resource, ...]:
    """Return the AWS IoT resources of a stack, and its other resources that they use.

    Only managed resources that are not global are included.
    """
    own = (each for each in existing_resources(stack) if each.type.startswith("aws_iot_"))
    return tuple(
        resource
        for resource in reachable(resources, own)
        if resource.stack == stack.name
        and resource.mode == "managed"
        and not is_global(resource.type)
    )
