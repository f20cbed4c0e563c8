"""Resources without tags, or with another project's: what a pipeline's roles can change of them."""

from collections.abc import Mapping
from typing import Final

import pytest

from stacks.permissions.grant import Grant
from tests.stacks.permissions.examples import calls_for
from tests.stacks.permissions.walked import walked_with_data
from tests.support.iam import Call, Role, fits, listed

FOREIGN: Final[Mapping[str, Mapping[str, str]]] = {
    "without tags": {},
    "of another project": {
        "aws:ResourceTag/Project": "other",
        "aws:ResourceTag/Environment": "dev",
    },
    "of another environment": {
        "aws:ResourceTag/Project": "example",
        "aws:ResourceTag/Environment": "prod",
    },
}
READS: Final = ("*:Get*", "*:List*", "*:Describe*", "*:BatchGet*", "*:GET")
# The name, or the whole ARN of a key or connection: a resource of this environment.
OURS: Final = ("*example*", "*:*/00000000-0000-*")
# Patterns of calls, and what else limits them or why AWS offers nothing to limit them by; ADR 0032
# (Resources of others) has the sources.
OF_ANY: Final[Mapping[tuple[str, str], str]] = {
    ("acm:RequestCertificate", "*"): "creates a certificate; limited by domain",
    ("iam:CreateServiceLinkedRole", "*/AWSServiceRoleForDynamoDBReplication"): "AWS's own role",
    ("iot:UpdateEventConfigurations", "*"): "a setting of the account",
    ("kinesis:UpdateStreamMode", "*"): "has no resource type",
    ("lambda:*EventSourceMapping", "*"): "limited by the name of its function",
    ("route53:ChangeResourceRecordSets", "*"): "limited by the names of records",
    ("route53:ChangeTagsForResource", "*:healthcheck/*"): "health checks: IAM ignores their tags",
    ("route53:ChangeTagsForResource", "*:hostedzone/*"): "the id of a created zone is not known",
    ("route53:CreateHealthCheck", "*"): "creates a health check",
    ("route53:CreateHostedZone", "*"): "creates a zone",
    ("route53:UpdateHostedZoneComment", "*"): "the id of a created zone is not known",
    ("route53:DeleteHealthCheck", "*"): "health checks: IAM ignores their tags",
    ("route53:UpdateHealthCheck", "*"): "health checks: IAM ignores their tags",
    ("apigateway:P*", "*::/apis"): "creates an API",
    **{
        (f"apigateway:{action}", f"*::/apis/*/{part}*"): "parts of an API have no tags"
        for action in ("DELETE", "P*")
        for part in ("integrations", "routes", "stages")
    },
}
# Only of resources without tags: a new one has none either.
OF_UNTAGGED: Final[Mapping[tuple[str, str], str]] = {
    ("acm:AddTagsToCertificate", "*"): "ACM deletes no certificate that is in use",
    ("apigateway:P*", "*::/tags/*"): "the parts of any API can be changed anyway",
    ("lambda:TagResource", "*:event-source-mapping:*"): "tags allow nothing on a mapping",
}


def changes(role: Role, tags: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return action and ARN of what a role may change, of resources that have these tags."""
    grants = (
        Grant(listed(allow["Action"]), listed(allow["Resource"]), allow.get("Condition", {}))
        for allow in role.statements
        if allow["Effect"] == "Allow"
    )
    return {
        (call.action, call.resource)
        for call in calls_for(grants)
        if not any(fits(read, call.action) for read in READS)
        and not any(fits(own, call.resource) for own in OURS)
        and is_one_service(call)
        and role.may(Call(call.action, call.resource, with_tags(call, tags)))
    }


def is_one_service(call: Call) -> bool:
    service = call.action.partition(":")[0]
    return call.resource == "*" or call.resource.split(":")[2] == service


def with_tags(call: Call, tags: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
    others = {key: text for key, text in call.context.items() if "ResourceTag" not in key}
    return {**others, **tags}


def known(call: tuple[str, str], reasons: Mapping[tuple[str, str], str]) -> set[tuple[str, str]]:
    action, resource = call
    return {each for each in reasons if fits(each[0], action) and fits(each[1], resource)}


@pytest.mark.parametrize("whose", FOREIGN)
def test_a_role_changes_nothing_of_others_but_what_iam_cannot_distinguish(whose: str) -> None:
    tags = FOREIGN[whose]
    reasons = OF_ANY if tags else {**OF_ANY, **OF_UNTAGGED}
    unknown = {
        (name, call)
        for name, role in walked_with_data().items()
        for call in changes(role, tags)
        if not known(call, reasons)
    }
    assert unknown == set()


def test_every_exception_is_of_a_call_that_some_role_may_make() -> None:
    reasons = {**OF_ANY, **OF_UNTAGGED}
    used = {
        reason
        for role in walked_with_data().values()
        for call in changes(role, {})
        for reason in known(call, reasons)
    }
    assert reasons.keys() - used == set()


@pytest.mark.parametrize("tags", FOREIGN.values(), ids=list(FOREIGN))
def test_no_policy_within_a_boundary_changes_or_uses_a_foreign_key(tags: Mapping[str, str]) -> None:
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    wanted = {"aws:RequestTag/Project": "example", "aws:RequestTag/Environment": "dev"}
    context = {"aws:RequestedRegion": "eu-west-1", **wanted, **tags}
    actions = ("CreateKey", "TagResource", "PutKeyPolicy", "ScheduleKeyDeletion", "Decrypt")
    key = "arn:aws:kms:eu-west-1:111111111111:key/1"
    allowed = {
        (name, action, resource)
        for name, role in walked_with_data().items()
        for action in actions
        for resource in ("*", key)
        if Role(everything, role.boundary).may(Call(f"kms:{action}", resource, context))
    }
    assert allowed == set()
