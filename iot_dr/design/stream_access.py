"""Roles that may not use the Kinesis streams of topic rules and functions.

docs.aws.amazon.com/iot/latest/developerguide/kinesis-rule-action.html (Requirements),
docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html (permissions) and
docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html.
"""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.permissions import grants, role_grants
from iot_dr.design.policy import Call, Grants
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.policy_document import REQUESTED_REGION
from modules.stream_delays import STREAM_KEY

_STREAM: Final = "aws_kinesis_stream"


def rule_deviations(resources: ResourceSet, rule: Resource) -> Iterator[str]:
    """Yield what the role of a topic rule's Kinesis action may not do."""
    for action in blocks(rule.values, "kinesis"):
        stream = resources.referenced(rule, action.get("stream_name"), _STREAM)
        role = resources.referenced(rule, action.get("role_arn"), "aws_iam_role")
        if role:
            allowed = role_grants(resources, role)
            yield from _problems(
                resources, rule, stream, allowed, ("kinesis:PutRecord", "kms:GenerateDataKey")
            )


def mapping_deviations(resources: ResourceSet, mapping: Resource) -> Iterator[str]:
    """Yield what the role of a function that reads a stream may not do."""
    stream = resources.referenced(mapping, mapping.values.get("event_source_arn"), _STREAM)
    function = resources.referenced(
        mapping, mapping.values.get("function_name"), "aws_lambda_function"
    )
    if function:
        allowed = grants(resources, function)
        yield from _problems(
            resources, mapping, stream, allowed, ("kinesis:GetRecords", "kms:Decrypt")
        )


def _problems(
    resources: ResourceSet,
    user: Resource,
    stream: Resource | None,
    allowed: Grants,
    actions: tuple[str, str],
) -> Iterator[str]:
    if stream is None:
        return
    name = resolved_template(resources, stream, stream.values.get("name"))
    context = {REQUESTED_REGION: str(stream.region)}
    resource_of = {"kinesis": f"arn:aws:kinesis:{stream.region}::stream/{name}"}
    if _needs_key(resources, stream):
        # Which key an alias names is not known: a statement about any key may be about this one.
        resource_of["kms"] = f"arn:aws:kms:{stream.region}::key/${{key}}"
    for action in actions:
        resource = resource_of.get(action.partition(":")[0])
        if resource and allowed.access(Call(action, resource, context)) == "denied":
            yield f"{user.address} cannot use {stream.address}: its role does not allow {action}"


def _needs_key(resources: ResourceSet, stream: Resource) -> bool:
    """Whether a stream has a customer's key whose policy is not declared, and may allow nobody."""
    # The provider's default is NONE, and it then ignores the key.
    if str(stream.values.get("encryption_type")).upper() == "NONE":
        return False
    value = stream.values.get("kms_key_id")
    if key := resources.referenced(stream, value, "aws_kms_key"):
        return not key.values.get("policy")
    text = resolved_template(resources, stream, value or STREAM_KEY)
    return not has_expression(text) and not text.endswith(STREAM_KEY)
