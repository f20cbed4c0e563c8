"""The official provider's AWS calls, compared with the permissions of the pipeline's roles."""

from functools import cache

import pytest

from modules.permissions.catalogue import CATALOGUE
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.policy import allow
from stacks.permissions.roles import deployer
from stacks.platform_graph import platform_graph
from stacks.rollout import scope
from tests.conformance.calls import RECORDED
from tests.conformance.calls_file import FILE, PHASES, read, text
from tests.stacks.permissions.walked import permissions_of, roles_of, stacks_of, with_arns
from tests.support.iam import Call, Role, fits
from tests.support.template import Template

ACCOUNT = RECORDED.account_id
NODES = {node.name: node for node in platform_graph(RECORDED).nodes}
# AWS itself makes this call: IoT Core for a domain's certificate.
ASKED_BY_AWS = {"acm:GetCertificate"}
# Calls of provider 6.23 and later; the record was made with an earlier version.
ASKED_BY_LATER_PROVIDERS = {"s3:ListTagsForResource"}
# Called only if AWS reports that a trail has selectors; moto reports none.
UNKNOWN_TO_MOTO = {"cloudtrail:GetEventSelectors"}
# Calls for devices that join by themselves, which the recorded environment does not enable.
NOT_RECORDED = {"iot:DescribeCACertificate", "iot:DescribeProvisioningTemplate"}
# Searches for a zone and a certificate by name, which the recorded environment does not make.
BY_LOOKUP = {"acm:ListCertificates", "route53:ListHostedZones"}
# Only a person may make these calls: `apply-pipeline` may not change its own boundary.
BY_A_PERSON = {
    "iam:CreatePolicy",
    *("iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole", "iam:PutRolePermissionsBoundary"),
    *("iam:AttachRolePolicy", "iam:TagPolicy"),
}
# A new key has no tags that identify its environment.
OF_A_NEW_KEY = {"kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"}
CASES = [(stack, phase) for stack in NODES for phase in PHASES]


@cache
def stacks() -> dict[str, Template]:
    return stacks_of(RECORDED)


@cache
def own() -> PipelineEnvironment:
    return permissions_of(RECORDED, stacks()).environment


@cache
def roles() -> dict[str, Role]:
    return roles_of(with_arns(stacks()["iot-dev-pipeline-eu-west-1"], "eu-west-1"))


@cache
def person() -> Role:
    return Role(allow(deployer(own())))


def role_for(what: str) -> Role:
    return roles()[what]


def with_what_aws_knows(stack: str, call: Call) -> Call:
    """Add what a request does not contain: the account, a resource's tags, a role's boundary."""
    context = {"aws:ResourceAccount": ACCOUNT, **call.context}
    is_new = call.resource == "*" or call.resource.endswith(("/new", ":new"))
    if not is_new:
        context |= {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "dev"}
        if NODES[stack].what == "pipeline":
            context["aws:ResourceTag/Part"] = "pipeline"
    if call.action.endswith("EventSourceMapping"):
        # One policy contains all functions of a stack.
        function = "telemetry" if NODES[stack].what == "telemetry" else "registry-apply"
        region = call.context["aws:RequestedRegion"]
        arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:example-dev-{function}"
        context.setdefault("lambda:FunctionArn", arn)
    if call.action in {"iam:PutRolePolicy", "iam:CreateRole"}:
        is_pipeline = ":role/iot-dr/" in call.resource
        cap = own().boundary_arn("eu-west-1") if is_pipeline else own().function_boundary_arn
        context.setdefault("iam:PermissionsBoundary", cap)
    return Call(call.action, call.resource, context)


def is_for_a_person(call: Call) -> bool:
    if call.resource == "*" or call.resource.endswith(":key/new"):
        return call.action in OF_A_NEW_KEY
    is_own = ":role/iot-dr/example-dev-apply-pipeline-" in call.resource
    is_boundary = ":policy/iot-dr/" in call.resource
    return (is_own or is_boundary) and call.action in BY_A_PERSON


@pytest.mark.parametrize(("stack", "phase"), CASES, ids=lambda each: each)
def test_a_role_may_make_all_calls_for_its_stacks(stack: str, phase: str) -> None:
    role = role_for("plan" if phase == "plan" else f"apply-{scope(NODES[stack])}")
    calls = [with_what_aws_knows(stack, each) for each in read().calls[stack, phase]]
    refused = [each for each in calls if not role.may(each) and not is_for_a_person(each)]
    assert refused == []
    assert len(calls) > 10


@pytest.mark.parametrize("stack", NODES)
def test_the_role_of_a_scope_may_make_the_calls_of_its_plans(stack: str) -> None:
    role = role_for(f"apply-{scope(NODES[stack])}")
    calls = [with_what_aws_knows(stack, each) for each in read().calls[stack, "plan"]]
    assert [each for each in calls if not role.may(each)] == []


@pytest.mark.parametrize(("stack", "phase"), CASES, ids=lambda each: each)
def test_a_person_with_the_policies_of_a_deploy_may_make_all_calls(stack: str, phase: str) -> None:
    calls = [with_what_aws_knows(stack, each) for each in read().calls[stack, phase]]
    refused = {each.action for each in calls if not person().may(each)}
    # Allowed on the role, by the service authorization reference; the record names the policy.
    assert refused <= {"iam:AttachRolePolicy"}


def test_a_person_must_create_only_keys_boundaries_and_the_roles_that_change_pipelines() -> None:
    results = {
        call.action
        for stack in NODES
        for call in read().calls[stack, "apply"]
        if is_for_a_person(call)
    }
    assert {"iam:CreatePolicy", "iam:CreateRole", "iam:PutRolePolicy", *OF_A_NEW_KEY} <= results


def test_the_record_round_trips() -> None:
    record = read()
    written = text(record.provider, record.how, record.calls)
    assert written == FILE.read_text(encoding="utf-8")


def test_the_record_contains_its_versions() -> None:
    record = read()
    assert record.provider == "5.100.0"
    assert record.how == "python -m tests.conformance.calls, against moto"


def test_no_read_permission_is_granted_that_the_provider_never_used() -> None:
    asked = {each.action for calls in read().calls.values() for each in calls}
    given = {action for every in CATALOGUE.values() for each in every for action in each.read}
    unused = {each for each in given if not any(fits(each, action) for action in asked)}
    expected = ASKED_BY_AWS | ASKED_BY_LATER_PROVIDERS | UNKNOWN_TO_MOTO | NOT_RECORDED | BY_LOOKUP
    assert unused == expected
