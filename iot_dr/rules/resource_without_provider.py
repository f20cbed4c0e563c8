"""A resource whose region and account depend on environment variables."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources

_ID: Final = "resource-without-provider"


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    for stack in resources.stacks:
        aliased = {key.partition(".")[0] for key in stack.providers if "." in key}
        only_aliased = aliased - stack.providers.keys()
        without_provider: dict[str, list[Resource]] = defaultdict(list)
        for resource in stack.resources:
            if resource.provider is None and resource.exists and _local(resource) in only_aliased:
                without_provider[_local(resource)].append(resource)
        for local, without in without_provider.items():
            choices = ", ".join(sorted(key for key in stack.providers if _is_of(key, local)))
            if stack.is_plan:
                yield _may_be_meant(stack, local, without, choices)
            else:
                yield from (finding_at(each, _ID, _message(local, choices)) for each in without)


def _local(resource: Resource) -> str:
    """Return the local name of a type's provider, such as `aws`."""
    return resource.type.partition("_")[0]


def _is_of(key: str, local: str) -> bool:
    return key.startswith(f"{local}.")


def _message(local: str, choices: str) -> str:
    return (
        f"it has no `provider`, and every `{local}` provider of this document has an alias:"
        " Terraform uses an empty configuration, and the shell's environment variables decide the"
        f" region and account. Set `provider` to one of {choices}."
    )


def _may_be_meant(
    stack: StackResources, local: str, without: list[Resource], choices: str
) -> Finding:
    """Return one finding for a plan, which does not contain the provider of each resource."""
    more = f" and {len(without) - 1} more" if len(without) > 1 else ""
    return Finding(
        rule=_ID,
        verdict=Verdict.WARN,
        stack=stack.name,
        address=None,
        message=f"{without[0].address}{more}: `{local}` without alias has no settings in this plan."
        f" Either `provider` is missing while every `{local}` provider has an alias: set one of"
        f' {choices}. Or `provider "{local}" {{}}` is intended; a plan does not distinguish the'
        " two. Either way the shell's environment variables decide the region and account.",
    )


RULE: Final = Rule(
    id=_ID,
    title="A named provider for every resource and data source",
    why="If all providers have an alias, Terraform accepts a resource without `provider`: it uses a"
    " provider without settings, which takes AWS_REGION and the credentials of the shell. A"
    " standby's resource may then be in the primary, or in another account. For a plan, which does"
    ' not distinguish this from an intended `provider "aws" {}`, it is a warning.',
    source="developer.hashicorp.com/terraform/language/meta-arguments/resource-provider",
    find=_find,
)
