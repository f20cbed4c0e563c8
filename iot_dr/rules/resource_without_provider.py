"""A resource that lands wherever the shell points."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.resources.resource import Resource
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.resources.stack_resources import StackResources
from iot_dr.rules.finding_at import finding_at
from iot_dr.rules.rule import Finding, Rule

_ID: Final = "resource-without-provider"


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    for stack in resources.stacks:
        aliased = {key.partition(".")[0] for key in stack.providers if "." in key}
        only_aliased = aliased - stack.providers.keys()
        for resource in stack.resources:
            if resource.provider is None and resource.is_there and _local(resource) in only_aliased:
                yield finding_at(resource, _ID, _message(stack, resource))


def _local(resource: Resource) -> str:
    """Give the local name of the provider that a type belongs to, such as `aws`."""
    return resource.type.partition("_")[0]


def _message(stack: StackResources, resource: Resource) -> str:
    local = _local(resource)
    choices = sorted(key for key in stack.providers if key.startswith(f"{local}."))
    return (
        f"it names no provider, and every `{local}` provider of this document has an alias:"
        " Terraform then takes an empty configuration, and the resource lands in whatever region"
        f" and account the shell's variables point at. Name one of {', '.join(choices)}."
    )


RULE: Final = Rule(
    id=_ID,
    title="A named provider for every resource and data source",
    why="Where all providers have an alias, a resource that names none is no mistake to Terraform:"
    " it takes a provider without settings, which follows AWS_REGION and the credentials of the"
    " shell. A standby's resource then stands in the primary, or in another account.",
    source="developer.hashicorp.com/terraform/language/meta-arguments/resource-provider",
    find=_find,
)
