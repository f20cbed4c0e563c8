"""What the permissions of a function allow: who may invoke it, and what its role may do."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import literal, texts
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.policy_statements import statements
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_INVOKE = "lambda:InvokeFunction"


def invocation_permissions(
    resources: ResourceSet, function: Resource, principal: str
) -> Iterator[Resource]:
    """Yield the permissions with which a service may invoke a function."""
    for permission in resources.of_type("aws_lambda_permission"):
        values = permission.values
        action = literal(resources.resolve(permission, values.get("action")))
        if (
            is_function(resources, permission, values.get("function_name"), function)
            and resolved_text(resources, permission, values.get("principal")) == principal
            and (action is None or "/" in action or _matches(_INVOKE, (action,)))
        ):
            yield permission


def is_function(
    resources: ResourceSet, resource: Resource, value: Json, function: Resource
) -> bool:
    """Whether a value of `resource` refers to a function, or is its name or ARN."""
    referred = resources.referenced(resource, value)
    if referred is not None:
        return referred.id == function.id
    text = str(resources.resolve(resource, value))
    name = str(resources.resolve(function, function.values.get("function_name")))
    if ":function:" not in text:
        return text == name and resource.region in {None, function.region}
    start, _, end = text.partition(":function:")
    is_here = function.region is None or f":{function.region}:" in f"{start}:"
    return is_here and end.partition(":")[0].partition("/")[0] == name


def may(resources: ResourceSet, function: Resource, action: str) -> bool:
    """Whether a function's role allows an action; what is not declared here is assumed to.

    Resources and conditions of statements are not read, except that a Deny with a condition does
    not count. docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
    """
    role = resources.referenced(function, function.values.get("role"))
    if role is None or role.type != "aws_iam_role":
        return True
    is_allowed = False
    for policy in _policies(resources, role):
        if policy is None:
            is_allowed = True
            continue
        for statement in policy:
            if not _applies(statement, action):
                continue
            if statement.get("Effect") == "Allow":
                is_allowed = True
            elif not statement.get("Condition"):
                return False
    return is_allowed


def _policies(
    resources: ResourceSet, role: Resource
) -> Iterator[Iterable[Mapping[str, Any]] | None]:
    """Yield the statements of each policy of a role, None for a policy that is not known."""
    for inline in blocks(role.values, "inline_policy"):
        yield _statements(resources, role, inline.get("policy"))
    for arn in texts(role.values.get("managed_policy_arns")):
        yield _managed(resources, role, arn)
    for policy in resources.of_type("aws_iam_role_policy"):
        if _is_role(resources, policy, role):
            yield _statements(resources, policy, policy.values.get("policy"))
    for attachment in resources.of_type("aws_iam_role_policy_attachment"):
        if _is_role(resources, attachment, role):
            yield _managed(resources, attachment, attachment.values.get("policy_arn"))


def _is_role(resources: ResourceSet, resource: Resource, role: Resource) -> bool:
    value = resource.values.get("role")
    referred = resources.referenced(resource, value)
    if referred is not None:
        return referred.id == role.id
    return resources.resolve(resource, value) == resources.resolve(role, role.values.get("name"))


def _managed(
    resources: ResourceSet, resource: Resource, arn: Json
) -> Iterable[Mapping[str, Any]] | None:
    policy = resources.referenced(resource, arn)
    if policy is None or policy.type != "aws_iam_policy":
        return None
    return _statements(resources, policy, policy.values.get("policy"))


def _statements(
    resources: ResourceSet, resource: Resource, policy: Json
) -> Iterable[Mapping[str, Any]] | None:
    text = resources.resolve(resource, policy)
    return statements(text) if isinstance(text, str) else None


def _applies(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _matches(action, texts(statement.get("NotAction")))
    return _matches(action, texts(statement.get("Action")))


def _matches(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
