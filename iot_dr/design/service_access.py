"""What the policies of queues, topics, buckets and keys let a service of AWS do.

docs.aws.amazon.com/sns/latest/dg/sns-key-management.html and docs.aws.amazon.com/
AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html (compatibility with event
sources).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from iot_dr.design.permissions import statements_of
from iot_dr.design.policy import ApiCall, Grants, Policy
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_KEYS_OF_AWS: Final = ("alias/aws/sns", "alias/aws/sqs")
_KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


def is_refused(policy: Policy, call: ApiCall, service: str = "") -> bool:
    """Whether a resource's policy keeps a role, or else a service, from a call.

    A role of the account needs no statement that allows it: docs.aws.amazon.com/IAM/latest/
    UserGuide/reference_policies_evaluation-logic.html.
    """
    about = [
        {element: value for element, value in statement.items() if element != "Principal"}
        for statement in policy or ()
        if "NotPrincipal" in statement or _includes(statement.get("Principal"), service)
    ]
    own = () if service else ({"Effect": "Allow", "Action": "*", "Resource": "*"},)
    call = replace(call, context={"aws:SecureTransport": "true", **call.context})
    return Grants(((*own, *about),)).access(call) == "denied"


def key_problem(
    resources: ResourceSet, owner: Resource, service: str, context: Mapping[str, str]
) -> str:
    """Return why a service cannot use the key of a topic or queue; empty if it may.

    A key without a declared policy is not judged.
    """
    key_id = owner.values.get("kms_master_key_id")
    name = str(resources.resolve(owner, key_id))
    if alias := next((each for each in _KEYS_OF_AWS if name.endswith(each)), ""):
        return f"{service} may not use {alias}, a key of AWS; use one with a policy"
    key = resources.referenced(owner, key_id, "aws_kms_key")
    policy = statements_of(resources, key, key.values.get("policy")) if key else None
    for action in _KEY_ACTIONS if key and policy is not None else ():
        if key and is_refused(policy, ApiCall(action, "*", context), service):
            return f"the policy of {key.address} does not let {service} {action}"
    return ""


def _includes(principal: Json, service: str) -> bool:
    """Whether a principal includes a service; everyone does, `*` and `{"AWS": "*"}`.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html;
    docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html (alarms of another account).
    """
    by_kind = {"AWS": principal} if isinstance(principal, str) else mapping(principal)
    services = texts(by_kind.get("Service"))
    return (
        "*" in texts(by_kind.get("AWS"))
        or "*" in services
        or bool(service and any(has_expression(each) or each == service for each in services))
    )
