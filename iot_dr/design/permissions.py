"""What the permissions of a function allow: who may invoke it, and what its role may do."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from iot_dr.design.policy import ApiCall, Grants, Policy, condition_matches, fits
from iot_dr.terraform_json.argument import resolved_template, resolved_text
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import has_expression, literal, references, texts
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.policy_statements import statements
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.policy_document import REQUESTED_REGION
from modules.watcher_calls import (
    NAMESPACE,
    PUBLISH,
    PUT_METRIC,
    READ_ALARM,
    READ_METRIC,
    alarm_arn,
    parameter_arn,
    topic_arn,
)

_INVOKE: Final = "lambda:invokefunction"
_ASSUME: Final = "sts:assumerole"
_POLICY: Final = "aws_iam_policy"
_ROLE: Final = "aws_iam_role"
_INLINE: Final = "aws_iam_role_policy"
# Resources that give roles policies, with the argument that names the roles.
_ATTACHING: Final = {
    _INLINE: "role",
    "aws_iam_role_policy_attachment": "role",
    "aws_iam_policy_attachment": "roles",
}
# docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html; other policies of AWS are
# not known.
_DENY_ALL: Final = ":iam::aws:policy/AWSDenyAll"
# Of a reference to a function, or of its ARN with a version or an alias.
_QUALIFIED: Final = re.compile(r"\.qualified_(?:invoke_)?arn\b|:function:[^:/]+:[^/]")
_ACCOUNT_OF_POLICY: Final = re.compile(r"arn:[\w-]+:iam::(\d{12}):policy/")
_NAMED: Final = {
    "aws_cloudwatch_log_group": "arn:aws:logs:{0}::log-group:{1}",
    "aws_sqs_queue": "arn:aws:sqs:{0}::{1}",
    "aws_kinesis_stream": "arn:aws:kinesis:{0}::stream/{1}",
    "aws_dynamodb_table": "arn:aws:dynamodb:{0}::table/{1}",
    "aws_s3_bucket": "arn:aws:s3:::{1}",
}
_OTHERS: Final = {
    "aws_iam_role": "arn:aws:iam:::role/{1}",
    "aws_lambda_function": "arn:aws:lambda:{0}::function:{1}",
    "aws_sns_topic": "arn:aws:sns:{0}::{1}",
}
_NAMES: Final = ("name", "bucket", "function_name")


def arn_of(type_: str, region: str | None, name: str) -> str:
    """Return the ARN of a queue, stream, table or bucket, without an account."""
    return (_NAMED | _OTHERS)[type_].format(region, name)


def known_arn(resources: ResourceSet, resource: Resource, reference: str) -> str:
    """Return the ARN, without an account, that a reference to a declared resource means.

    An unknown name stays an expression. Empty for other types, attributes and paths of roles.
    """
    is_arn = reference.endswith((".arn", ".stream_arn"))
    if (
        not is_arn
        or resource.values.get("path") not in {None, "/"}
        or resource.type not in _NAMED | _OTHERS
    ):
        return ""
    given = next(filter(None, map(resource.values.get, _NAMES)), "${name}")
    arn = arn_of(resource.type, resource.region, resolved_template(resources, resource, given))
    return f"{arn}/stream/*" if reference.endswith(".stream_arn") else arn


def invocation_permissions(
    resources: ResourceSet, function: Resource, principal: str, invoked: str
) -> Iterator[Resource]:
    """Yield the permissions with which a service may invoke a function by `invoked`, an ARN.

    A permission with a qualifier, of its own or in its function's ARN, is for the ARN with a
    version or an alias alone, one without it for the ARN without. One with an authorization type is
    for the function's URL:
    docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html (Qualifier, FunctionUrlAuthType).
    """
    is_qualified = _is_qualified(invoked)
    for permission in resources.of_type("aws_lambda_permission"):
        values = permission.values
        action = literal(resources.resolve(permission, values.get("action")))
        if (
            permission.region in {function.region, None}
            and not values.get("function_url_auth_type")
            and (bool(values.get("qualifier")) or _is_qualified(values.get("function_name")))
            is is_qualified
            and is_function(resources, permission, values.get("function_name"), function)
            and resolved_text(resources, permission, values.get("principal")) == principal
            and (action is None or "/" in action or fits(action.lower(), _INVOKE))
        ):
            yield permission


def _is_qualified(function: Json) -> bool:
    return bool(_QUALIFIED.search(str(function)))


def is_function(
    resources: ResourceSet, resource: Resource, value: Json, function: Resource
) -> bool:
    """Whether a value of `resource` refers to a function, or is its name or ARN."""
    referred = resources.referenced(resource, value, "aws_lambda_function")
    if referred is not None:
        return referred.id == function.id
    text = str(resources.resolve(resource, value))
    name = str(resources.resolve(function, function.values.get("function_name")))
    if ":function:" not in text:
        return text == name and resource.region in {None, function.region}
    start, _, end = text.partition(":function:")
    is_here = function.region is None or f":{function.region}:" in f"{start}:"
    return is_here and end.partition(":")[0].partition("/")[0] == name


def may(resources: ResourceSet, function: Resource, call: ApiCall) -> bool:
    """Whether a function's role allows a call; what is not known is assumed to be allowed."""
    return grants(resources, function).access(call) != "denied"


def topic_call(region: str, topic: str) -> ApiCall:
    """Return the call with which a function publishes to a topic of AWS IoT."""
    return ApiCall(PUBLISH, topic_arn(region, "", topic), {REQUESTED_REGION: region})


def metric_call(region: str, namespace: str) -> ApiCall:
    """Return the call with which a function puts a metric."""
    return ApiCall(PUT_METRIC, "*", {REQUESTED_REGION: region, NAMESPACE: namespace})


def history_call(region: str) -> ApiCall:
    """Return the call with which a function reads metrics."""
    return ApiCall(READ_METRIC, "*", {REQUESTED_REGION: region})


def alarm_call(region: str, name: str) -> ApiCall:
    """Return the call with which a function reads the state of an alarm."""
    return ApiCall(READ_ALARM, alarm_arn(region, "", name), {REQUESTED_REGION: region})


def parameter_call(action: str, region: str, name: str) -> ApiCall:
    """Return a call about a parameter of Parameter Store, whose name begins with `/`."""
    return ApiCall(action, parameter_arn(region, "", name), {REQUESTED_REGION: region})


def grants(resources: ResourceSet, function: Resource) -> Grants:
    """Return the policies of a function's role, nothing if Lambda may not assume the role.

    docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html.
    """
    role = resources.referenced(function, function.values.get("role"), _ROLE)
    if role is None:
        return Grants((None,))
    is_assumed = lambda_trust(resources, role) is not False
    allowed = role_grants(resources, role)
    return allowed if is_assumed else replace(allowed, identity=())


def role_grants(resources: ResourceSet, role: Resource) -> Grants:
    """Return the policies of a role, whoever may assume it."""
    boundary, path = role.values.get("permissions_boundary"), role.values.get("path") or "/"
    name = str(resources.resolve(role, role.values.get("name")))
    return Grants(
        tuple(_policies(resources, role)),
        (_managed(resources, role, boundary),) if boundary else (),
        {"aws:PrincipalArn": f"arn:aws:iam:::role{path}{name}", "aws:SecureTransport": "true"},
    )


def lambda_trust(resources: ResourceSet, role: Resource) -> bool | None:
    """Whether a role's trust policy lets Lambda assume it, None if that depends on a condition.

    Also assumed, since AWS documents neither: Lambda sends the role's account as
    `aws:SourceAccount`, and a permissions boundary with an account in its ARN is of the role's.
    """
    boundary = str(resources.resolve(role, role.values.get("permissions_boundary")))
    account = _ACCOUNT_OF_POLICY.match(boundary)
    context = {"aws:SourceAccount": account.group(1)} if account else {}
    return trusts(resources, role, "lambda", context)


def trusts(
    resources: ResourceSet, role: Resource, service: str, context: Mapping[str, str]
) -> bool | None:
    """Whether a role's trust policy lets a service assume it, with what the service sends.

    None if that depends on a condition; a policy that is not known is assumed to do so.
    """
    trusted = statements_of(resources, role, role.values.get("assume_role_policy"))
    if trusted is None:
        return True
    call = ApiCall(_ASSUME, "*", context)
    effects = {
        (statement.get("Effect"), condition_matches(statement.get("Condition"), call))
        for statement in trusted
        if _is_service(statement.get("Principal"), f"{service}.amazonaws.com")
        and any(fits(each.lower(), _ASSUME) for each in texts(statement.get("Action")))
    }
    if ("Deny", True) in effects or not effects & {("Allow", True), ("Allow", None)}:
        return False
    return True if ("Allow", True) in effects and ("Deny", None) not in effects else None


def _is_service(principal: object, service: str) -> bool:
    services: object = mapping(principal).get("Service") if principal != "*" else "*"
    return any(has_expression(each) or each in {service, "*"} for each in texts(services))


def _policies(resources: ResourceSet, role: Resource) -> Iterator[Policy]:
    """Yield the statements of each policy of a role, None for a policy that is not known."""
    for inline in blocks(role.values, "inline_policy"):
        yield statements_of(resources, role, inline.get("policy"))
    for arn in texts(role.values.get("managed_policy_arns")):
        yield _managed(resources, role, arn)
    attached, name = _attached(resources), resources.resolve(role, role.values.get("name"))
    yield from (*attached.get(role.id, ()), *attached.get(name, ()))


@lru_cache(maxsize=1)
def _attached(resources: ResourceSet) -> Mapping[Json, Sequence[Policy]]:
    """Return the policies of roles that resources of their own give them.

    By the id of a role that is declared, else by the role's name.
    """
    attached = defaultdict[Json, list[Policy]](list)
    for type_, argument in _ATTACHING.items():
        for owner in resources.of_type(type_):
            inline, managed = owner.values.get("policy"), owner.values.get("policy_arn")
            policy = (
                statements_of(resources, owner, inline)
                if type_ == _INLINE
                else _managed(resources, owner, managed)
            )
            for value in texts(owner.values.get(argument)):
                role = resources.referenced(owner, value, _ROLE)
                attached[role.id if role else resources.resolve(owner, value)].append(policy)
    return attached


def _managed(resources: ResourceSet, resource: Resource, arn: Json) -> Policy:
    if str(resources.resolve(resource, arn)).endswith(_DENY_ALL):
        return ({"Effect": "Deny", "Action": "*", "Resource": "*"},)
    policy = resources.referenced(resource, arn, _POLICY) or _by_name(resources, resource, arn)
    if policy is None:
        return None
    return statements_of(resources, policy, policy.values.get("policy"))


def _by_name(resources: ResourceSet, resource: Resource, arn: Json) -> Resource | None:
    """Return the policy of an ARN by its path and name, None if it is not declared."""
    _, is_arn, named = str(resources.resolve(resource, arn)).partition(":policy/")
    for policy in resources.of_type(_POLICY) if is_arn else ():
        name = literal(resources.resolve(policy, policy.values.get("name")))
        if named == f"{policy.values.get('path') or '/'}{name}".removeprefix("/"):
            return policy
    return None


def statements_of(resources: ResourceSet, resource: Resource, policy: Json) -> Policy:
    """Return the statements of a policy, with the ARNs of what is declared; None if unknown."""
    for reference in references(policy):
        named = resources.referenced(resource, f"${{{reference}}}", *_NAMED)
        if named and (arn := known_arn(resources, named, reference)):
            policy = str(policy).replace(f"${{{reference}}}", arn)
    text = resources.resolve(resource, policy)
    return statements(text) if isinstance(text, str) else None
