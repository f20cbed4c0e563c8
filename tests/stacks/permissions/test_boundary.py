"""The boundaries: what no role gets past, whatever its policy says."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import (
    HERE,
    SETTINGS,
    function_boundary,
    permissions,
    stacks,
    walked,
)
from tests.support.iam import Call, Role, document, listed
from tests.support.pipeline import PIPELINE
from tests.support.template import Template

EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
ROLES = f"arn:aws:iam::{ACCOUNT}:role"
CAP = f"arn:aws:iam::{ACCOUNT}:policy/iot-dr/example-dev-pipeline-boundary-{HERE}"


def capped(boundary: Sequence[Any]) -> Role:
    """A role that its policy allows everything."""
    return Role(EVERYTHING, boundary)


def strongest() -> Role:
    return capped(walked()["apply-pipeline"].boundary or ())


def capped_function() -> Role:
    return capped(function_boundary(stacks()["iot-dev-state"]))


def test_the_strongest_role_of_a_pipeline_stays_within_the_environment_s_names() -> None:
    role = strongest()
    here = {"aws:RequestedRegion": HERE}
    function = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function"
    assert role.may(Call("lambda:DeleteFunction", f"{function}:example-dev-canary", here))
    assert not role.may(Call("lambda:DeleteFunction", f"{function}:example-prod-canary", here))
    assert not role.may(Call("s3:PutObject", "arn:aws:s3:::other/x", here))
    assert role.may(Call("s3:PutObject", f"arn:aws:s3:::example-iot-dev-{HERE}/x", here))


def test_the_strongest_role_of_a_pipeline_stays_within_the_environment_s_regions() -> None:
    role = strongest()
    call = Call(
        "lambda:DeleteFunction",
        f"arn:aws:lambda:us-west-2:{ACCOUNT}:function:example-dev-canary",
        {"aws:RequestedRegion": "us-west-2"},
    )
    assert not role.may(call)


@pytest.mark.parametrize(
    "action",
    [
        *("ec2:RunInstances", "iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"),
        *("iam:CreateSAMLProvider", "organizations:LeaveOrganization", "sts:AssumeRole"),
        *("secretsmanager:GetSecretValue", "ssm:GetParameter", "cloudformation:CreateStack"),
        *("account:CloseAccount", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"),
        *("s3:DeleteBucket", "route53:DeleteHostedZone", "iam:DeleteRolePermissionsBoundary"),
        *("iam:AddUserToGroup", "iam:AttachUserPolicy", "iam:CreateGroup", "iam:UpdateUser"),
        *("iam:UpdateLoginProfile", "iam:UpdateAccessKey", "iam:AttachGroupPolicy"),
    ],
)
def test_the_strongest_role_of_a_pipeline_is_not_an_administrator(action: str) -> None:
    context = {"aws:RequestedRegion": HERE, "iam:PermissionsBoundary": CAP}
    resources = (
        *("*", f"{ROLES}/iot-dr/example-dev-plan-{HERE}", f"{ROLES}/example-dev-canary-{HERE}"),
        *(f"arn:aws:s3:::example-iot-dev-{HERE}", "arn:aws:route53:::hostedzone/Z1"),
    )
    role = strongest()
    assert not [each for each in resources if role.may(Call(action, each, context))]


def test_the_strongest_role_of_a_pipeline_uses_no_key_but_the_environment_s() -> None:
    role, key = strongest(), f"arn:aws:kms:{HERE}:{ACCOUNT}:key/k"
    tags = {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "dev"}
    for action in ("kms:Decrypt", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"):
        assert role.may(Call(action, key, {"aws:RequestedRegion": HERE, **tags}))
        assert not role.may(Call(action, key, {"aws:RequestedRegion": HERE}))


OURS = {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "dev"}
THEIRS = {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "prod"}
TAGS = {"aws:RequestTag/Project": "example", "aws:RequestTag/Environment": "dev"}


def on_key(verb: str, *contexts: dict[str, str], region: str = HERE) -> bool:
    context = {"aws:RequestedRegion": region}
    for keys in contexts:
        context |= keys
    key = f"arn:aws:kms:{region}:{ACCOUNT}:key/k"
    return strongest().may(Call(f"kms:{verb}", key, context))


def test_the_strongest_role_of_a_pipeline_makes_no_other_environment_s_key_its_own() -> None:
    for verb in (
        *("TagResource", "PutKeyPolicy", "UntagResource", "DisableKeyRotation"),
        "UpdateKeyDescription",
    ):
        assert on_key(verb, TAGS, OURS)
        assert not on_key(verb, TAGS, THEIRS)
        assert not on_key(verb, TAGS)
        assert not on_key(verb, TAGS, OURS, region="us-west-2")


def test_no_role_of_a_pipeline_creates_keys() -> None:
    context = {**TAGS, "aws:RequestedRegion": HERE}
    assert not strongest().may(Call("kms:CreateKey", "*", context))


@pytest.mark.parametrize(
    ("names", "may"),
    [
        (("iot-dev.example.com",), True),
        (("mqtt.iot-dev.example.com", "_0.iot-dev.example.com"), True),
        (("mqtt.iot-dev.example.com", "www.example.com"), False),
        (("example.com",), False),
        (("mqtt.iot-prod.example.com",), False),
        (None, False),
    ],
)
def test_the_strongest_role_of_a_pipeline_changes_the_environment_s_names_alone(
    names: tuple[str, ...] | None, may: bool
) -> None:
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    context = {"aws:RequestedRegion": "us-east-1", **({key: names} if names else {})}
    call = Call("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", context)
    assert strongest().may(call) == may


@pytest.mark.parametrize(
    "action", ["DeleteRule", "ListTargetsByRule", "PutRule", "PutTargets", "RemoveTargets"]
)
def test_the_strongest_role_of_a_pipeline_changes_the_environment_s_event_rules_alone(
    action: str,
) -> None:
    role, here = strongest(), {"aws:RequestedRegion": HERE}
    rules = f"arn:aws:events:{HERE}:{ACCOUNT}:rule"
    assert role.may(Call(f"events:{action}", f"{rules}/example-dev-pipeline-ends", here))
    assert not role.may(Call(f"events:{action}", f"{rules}/example-prod-pipeline-ends", here))


def test_the_strongest_role_of_a_pipeline_uses_the_connections_of_the_settings_alone() -> None:
    role, here = strongest(), {"aws:RequestedRegion": HERE}
    other = f"arn:aws:codeconnections:{HERE}:{ACCOUNT}:connection/other"
    for action in ("codeconnections:UseConnection", "codestar-connections:PassConnection"):
        assert role.may(Call(action, PIPELINE["connections"][HERE], here))
        assert not role.may(Call(action, other, here))


@pytest.mark.parametrize("name", ["apply-pipeline-eu-west-1", "apply-pipeline-eu-central-1"])
@pytest.mark.parametrize("action", ["PutRolePolicy", "DeleteRolePolicy", "CreateRole", "TagRole"])
def test_no_role_of_a_pipeline_changes_the_one_that_changes_pipelines(
    name: str, action: str
) -> None:
    context = {"aws:RequestedRegion": "us-east-1", "iam:PermissionsBoundary": CAP}
    call = Call(f"iam:{action}", f"{ROLES}/iot-dr/example-dev-{name}", context)
    assert not strongest().may(call)


def by(what: str, action: str, resource: str, **keys: str) -> Call:
    context = {
        "aws:PrincipalArn": f"{ROLES}/example-dev-{what}",
        "aws:RequestedRegion": HERE,
        "aws:ResourceAccount": ACCOUNT,
        **{key.replace("_", ":"): value for key, value in keys.items()},
    }
    return Call(action, resource, context)


STATE = "arn:aws:s3:::example-iot-dev-eu-west-1/dev/iot-dev-state.tfstate"
FUNCTION = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:x"
TOPIC = f"arn:aws:iot:{HERE}:{ACCOUNT}:topic/iot-dr/dev"
SWITCH = "IotDr/Switch/dev"


@pytest.mark.parametrize(
    ("who", "action", "resource", "may"),
    [
        ("canary-eu-west-1", "iot:Publish", f"{TOPIC}/canary", True),
        ("canary-eu-west-1", "iot:Publish", f"{TOPIC}/watcher", False),
        ("canary-eu-west-1", "iot:Publish", f"arn:aws:iot:{HERE}:{ACCOUNT}:topic/devices", False),
        ("canary-eu-west-1", "cloudwatch:PutMetricData", "*", False),
        ("canary-eu-west-1", "s3:ReplicateObject", STATE, False),
        ("watcher-eu-west-1", "cloudwatch:PutMetricData", "*", True),
        ("watcher-eu-west-1", "iot:Publish", f"{TOPIC}/watcher", True),
        ("state-replication", "s3:ReplicateObject", STATE, True),
        ("state-replication", "s3:ReplicateDelete", STATE, False),
        ("state-replication", "s3:ReplicateObject", "arn:aws:s3:::other/dev/a.tfstate", False),
        ("other", "iot:Publish", f"{TOPIC}/canary", False),
        ("canary-eu-west-1", "iam:CreateRole", f"{ROLES}/x", False),
        ("canary-eu-west-1", "lambda:UpdateFunctionCode", FUNCTION, False),
    ],
)
def test_a_function_s_role_does_what_such_a_function_is_for_and_nothing_else(
    who: str, action: str, resource: str, may: bool
) -> None:
    call = by(who, action, resource, cloudwatch_namespace=SWITCH)
    assert capped_function().may(call) == may


def test_a_watcher_puts_this_environment_s_switches_alone() -> None:
    call = by("watcher-eu-west-1", "cloudwatch:PutMetricData", "*", cloudwatch_namespace="Other")
    assert not capped_function().may(call)


LOG = re.compile(r"\$\{aws_cloudwatch_log_group\.(\w+)\.arn\}")


def is_allowed(role: dict[str, Any], statement: dict[str, Any], stack: Template) -> Iterator[bool]:
    region = role["provider"].removeprefix("aws.").replace("_", "-")
    groups = stack.resources("aws_cloudwatch_log_group")
    place = f"arn:aws:logs:{region}:{ACCOUNT}:log-group"
    for resource in listed(statement["Resource"]):
        named = LOG.sub(lambda found: f"{place}:{groups[found[1]]['name']}", resource)
        for action in listed(statement["Action"]):
            call = by("", action, named, cloudwatch_namespace=SWITCH)
            context = {**call.context, "aws:PrincipalArn": f"{ROLES}/{role['name']}"}
            yield capped_function().may(Call(action, named, context))


def test_every_role_that_stacks_make_for_a_function_does_all_it_is_for() -> None:
    seen: set[str] = set()
    for stack in stacks().values():
        policies = stack.resources("aws_iam_role_policy").values()
        for name, role in stack.resources("aws_iam_role").items():
            if role.get("path"):
                continue
            seen.add(role["name"])
            by_name, here = (
                permissions().environment.function_boundary_arn,
                "${aws_iam_policy.function_boundary.arn}",
            )
            boundary = here if stack.name == "iot-dev-state" else by_name
            assert role["permissions_boundary"] == boundary
            for policy in (each for each in policies if f"aws_iam_role.{name}." in each["role"]):
                for statement in document(policy["policy"]):
                    assert all(is_allowed(role, dict(statement), stack)), statement
    assert seen == {
        *(f"example-dev-canary-{region}" for region in SETTINGS.regions),
        *(f"example-dev-watcher-{region}" for region in SETTINGS.standbys),
        *(f"example-dev-watcher-publisher-{region}" for region in SETTINGS.regions),
        "example-dev-state-replication",
    }
