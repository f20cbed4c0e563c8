"""A resource whose region and account depend on environment variables."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources

_ID: Final = "resource-without-provider"
# Data sources that only make a text.
_TEXT: Final = frozenset(("aws_iam_policy_document", "aws_arn"))


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for stack in resources.stacks:
        aliased = {key.partition(".")[0] for key in stack.providers if "." in key}
        only_aliased = aliased - stack.providers.keys()
        without_provider: dict[str, list[Resource]] = defaultdict(list)
        for resource in stack.resources:
            if _has_no_provider(resource) and _local(resource) in only_aliased:
                without_provider[_local(resource)].append(resource)
        for local, without in without_provider.items():
            aliases = (key for key in stack.providers if key.startswith(f"{local}."))
            choices = ", ".join(sorted(aliases))
            if stack.is_plan:
                yield _may_be_meant(stack, local, without, choices)
            else:
                yield from (_without(stack, resource, choices) for resource in without)


def _local(resource: Resource) -> str:
    """Return the local name of a type's provider, such as `aws`."""
    return resource.type.partition("_")[0]


def _has_no_provider(resource: Resource) -> bool:
    is_text = resource.mode == "data" and resource.type in _TEXT
    return resource.provider is None and resource.exists and not is_text


def _without(stack: StackResources, resource: Resource, choices: str) -> Finding:
    """Return the finding about a resource, a warning in what may be a child module.

    A child module has no backend, but variables or outputs. Its caller may pass a provider
    (developer.hashicorp.com/terraform/language/modules/develop/providers).
    """
    local = _local(resource)
    is_root = stack.backend is not None or stack.cdktf_name is not None
    has_inputs = any(key.startswith("var.") for key in stack.definitions)
    may_be_child = not is_root and (has_inputs or bool(stack.outputs))
    child = f" If this is a child module, its caller passes `{local}`." if may_be_child else ""
    return finding_at(
        resource,
        _ID,
        f"it has no `provider`, and every `{local}` provider of this document has an alias:"
        " Terraform uses an empty configuration, and the shell's environment variables decide the"
        f" region and account. Set `provider` to one of {choices}.{child}",
        Verdict.WARN if may_be_child else Verdict.BLOCK,
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
