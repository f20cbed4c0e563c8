"""What builds and pipelines may do: they change regions, and serve nobody."""

from typing import Final

from iot_dr.rules.support.policy_statements import statements
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.json_value import mappings, text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ROLE: Final = "aws_iam_role"
_POLICY: Final = "aws_iam_policy"
_ATTACHMENT: Final = "aws_iam_role_policy_attachment"
_OTHER_ATTACHMENT: Final = "aws_iam_policy_attachment"
_BUILDERS: Final = {"codebuild.amazonaws.com", "codepipeline.amazonaws.com"}


def is_of_builds(resources: ResourceSet, resource: Resource) -> bool:
    """Tell whether a policy is of a role which builds alone take on, or caps such roles."""
    if resource.type == "aws_iam_role_policy":
        role = resources.referred(resource, resource.values.get("role"))
        return role is not None and _is_a_builds(role)
    return resource.type == _POLICY and _is_for_builds_alone(resources, resource)


def _is_for_builds_alone(resources: ResourceSet, policy: Resource) -> bool:
    capped = [
        role
        for role in resources.of_type(_ROLE)
        if resources.referred(role, role.values.get("permissions_boundary")) is policy
    ]
    given = [
        resources.referred(each, each.values.get("role"))
        for each in resources.of_type(_ATTACHMENT)
        if resources.referred(each, each.values.get("policy_arn")) is policy
    ]
    is_elsewhere = any(
        resources.referred(each, each.values.get("policy_arn")) is policy
        for each in resources.of_type(_OTHER_ATTACHMENT)
    )
    roles = [*capped, *given]
    all_builds = all(role is not None and _is_a_builds(role) for role in roles)
    return bool(roles) and all_builds and not is_elsewhere


def _is_a_builds(role: Resource) -> bool:
    """Tell whether CodeBuild or CodePipeline takes a role on, and nobody else."""
    trust = statements(text(role.values.get("assume_role_policy"))) or ()
    principals = [each.get("Principal") for each in trust if each.get("Effect") == "Allow"]
    services = {name for each in principals for _, name in strings(each)}
    only_services = all(
        each.keys() == {"Service"} for principal in principals for each in mappings(principal)
    )
    return bool(services) and services <= _BUILDERS and only_services
