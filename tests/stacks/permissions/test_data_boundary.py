"""The boundaries where there is data of devices: what no role gets past."""

import re
from collections.abc import Iterator

import pytest

from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.test_escalation import ESCALATIONS, at_best
from tests.stacks.permissions.walked import (
    HERE,
    OTHER,
    function_boundary,
    permissions_with_data,
    stacks_with_data,
    walked_with_data,
)
from tests.support.iam import Call, Role, document, listed
from tests.support.template import Template

EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
ROLES = f"arn:aws:iam::{ACCOUNT}:role"
TABLES = f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table"
FUNCTION = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function"
# What the stacks are made of that this role rolls out.
ITS_OWN = {"lambda:CreateFunction", "kms:PutKeyPolicy", "s3:PutBucketPolicy"}


def strongest(scope: str = HERE) -> Role:
    """A role that its policy allows everything, below the boundary of what rolls a scope out."""
    return Role(EVERYTHING, walked_with_data()[f"apply-{scope}"].boundary)


def here(action: str, resource: str, **context: str) -> Call:
    keys = {"function": "lambda:FunctionArn", "service": "iam:PassedToService"}
    results = {keys[key]: value for key, value in context.items()}
    return Call(action, resource, {"aws:RequestedRegion": HERE, **results})


@pytest.mark.parametrize("scope", ["global", HERE])
@pytest.mark.parametrize("call", ESCALATIONS, ids=lambda call: f"{call.action}-{call.resource}")
def test_what_rolls_out_cannot_make_itself_stronger_whatever_its_policy(
    call: Call, scope: str
) -> None:
    assert strongest(scope).may(at_best(call)) == (call.action in ITS_OWN)


def test_plans_are_capped_as_regions_are() -> None:
    assert walked_with_data()["plan"].boundary == walked_with_data()[f"apply-{HERE}"].boundary


NAMES = {
    "cloudtrail:DeleteTrail": f"arn:aws:cloudtrail:{HERE}:{ACCOUNT}:trail/{{}}-registry",
    "dynamodb:DescribeTable": f"{TABLES}/{{}}-device-state",
    "iot:DeleteProvisioningTemplate": (
        f"arn:aws:iot:{HERE}:{ACCOUNT}:provisioningtemplate/{{}}-provisioning"
    ),
    "kinesis:DeleteStream": f"arn:aws:kinesis:{HERE}:{ACCOUNT}:stream/{{}}-telemetry",
    "sqs:DeleteQueue": f"arn:aws:sqs:{HERE}:{ACCOUNT}:{{}}-telemetry-failed",
}


@pytest.mark.parametrize("action", NAMES)
def test_what_rolls_out_stays_within_the_environment_s_names(action: str) -> None:
    for name, may in (("example-dev", True), ("example-prod", False), ("x-example-dev", False)):
        assert strongest().may(here(action, NAMES[action].format(name))) == may


def test_what_rolls_out_stays_within_the_environment_s_topic_rules() -> None:
    rules = f"arn:aws:iot:{HERE}:{ACCOUNT}:rule"
    assert strongest().may(here("iot:DeleteTopicRule", f"{rules}/example_dev_telemetry"))
    assert not strongest().may(here("iot:DeleteTopicRule", f"{rules}/example_prod_telemetry"))


def test_what_rolls_out_stays_within_the_environment_s_regions() -> None:
    for action, resource in NAMES.items():
        named = resource.format("example-dev").replace(HERE, "us-west-2")
        assert not strongest().may(Call(action, named, {"aws:RequestedRegion": "us-west-2"}))


def test_what_rolls_out_hands_records_to_the_environment_s_functions_alone() -> None:
    mappings = f"arn:aws:lambda:{HERE}:{ACCOUNT}:event-source-mapping:0"
    for action, resource in (("Create", "*"), ("Update", mappings), ("Delete", mappings)):
        name = f"lambda:{action}EventSourceMapping"
        ours, others = f"{FUNCTION}:example-dev-telemetry", f"{FUNCTION}:example-prod-telemetry"
        assert strongest().may(here(name, resource, function=ours))
        assert not strongest().may(here(name, resource, function=others))
        assert not strongest().may(here(name, resource))


def test_tables_are_the_global_stacks_and_home_s_are_deleted_by_no_role_whatever_its_policy() -> (
    None
):
    there = f"arn:aws:dynamodb:{OTHER}:{ACCOUNT}:table/example-dev-device-state"
    table, may = f"{TABLES}/example-dev-device-state", strongest("global").may
    assert may(here("dynamodb:UpdateTable", table))
    assert not may(here("dynamodb:UpdateTable", f"{TABLES}/example-prod-device-state"))
    assert not may(here("dynamodb:DeleteTable", table))
    assert may(Call("dynamodb:DeleteTable", there, {"aws:RequestedRegion": OTHER}))
    for verb in ("UpdateTable", "DeleteTable", "PutItem", "GetItem"):
        assert not strongest().may(here(f"dynamodb:{verb}", table))


def test_of_buckets_only_a_region_s_trail_goes_with_it() -> None:
    for scope in ("global", HERE):
        assert not strongest(scope).may(
            here("s3:DeleteBucket", f"arn:aws:s3:::example-iot-dev-{HERE}")
        )
    trail = f"arn:aws:s3:::example-iot-dev-trail-{HERE}"
    assert strongest().may(here("s3:DeleteBucket", trail))
    assert not strongest("global").may(here("s3:DeleteBucket", trail))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("codebuild:UpdateProject", f"arn:aws:codebuild:{HERE}:{ACCOUNT}:project/example-dev-plan"),
        ("codebuild:StartBuild", f"arn:aws:codebuild:{HERE}:{ACCOUNT}:project/example-dev-plan"),
        ("codepipeline:UpdatePipeline", f"arn:aws:codepipeline:{HERE}:{ACCOUNT}:example-dev-p"),
        ("iam:DeleteRole", f"{ROLES}/iot-dr/example-dev-plan-{HERE}"),
        ("iam:TagRole", f"{ROLES}/iot-dr/example-dev-plan-{HERE}"),
    ],
)
def test_what_rolls_out_changes_no_pipeline_nor_a_role_of_one(action: str, resource: str) -> None:
    assert not strongest().may(here(action, resource))
    assert not strongest("global").may(here(action, resource))


def by(role: str, action: str, resource: str, region: str = HERE) -> bool:
    context = {
        "aws:PrincipalArn": f"{ROLES}/example-dev-{role}-{HERE}",
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": ACCOUNT,
    }
    boundary = function_boundary(stacks_with_data()["iot-dev-state"])
    return Role(EVERYTHING, boundary).may(Call(action, resource, context))


QUEUES = f"arn:aws:sqs:{HERE}:{ACCOUNT}:example-dev"
STREAM = f"arn:aws:kinesis:{HERE}:{ACCOUNT}:stream/example-dev-telemetry"
POLICIES = f"arn:aws:iot:{HERE}:{ACCOUNT}:policy"
THING = f"arn:aws:iot:{HERE}:{ACCOUNT}:thing/sensor-1"
LOGS = f"arn:aws:logs:{HERE}:{ACCOUNT}:log-group:/aws/lambda/example-dev"


@pytest.mark.parametrize(
    ("role", "action", "resource", "may"),
    [
        ("telemetry", "kinesis:GetRecords", STREAM, True),
        ("telemetry", "dynamodb:PutItem", f"{TABLES}/example-dev-device-state", True),
        ("telemetry", "dynamodb:PutItem", f"{TABLES}/example-dev-device-registry", False),
        ("telemetry", "sqs:SendMessage", f"{QUEUES}-telemetry-failed", True),
        ("telemetry", "sqs:SendMessage", f"{QUEUES}-registry-changes", False),
        ("telemetry", "logs:PutLogEvents", f"{LOGS}-telemetry:log-stream:x", True),
        ("telemetry", "kinesis:PutRecord", STREAM, False),
        ("telemetry", "iot:DescribeThing", THING, False),
        ("telemetry-rule", "kinesis:PutRecord", STREAM, True),
        ("telemetry-rule", "sqs:SendMessage", f"{QUEUES}-telemetry-lost", True),
        ("telemetry-rule", "dynamodb:PutItem", f"{TABLES}/example-dev-device-state", False),
        ("telemetry-rule", "logs:PutLogEvents", f"{LOGS}-telemetry:log-stream:x", False),
        ("registry-apply", "iot:CreateThing", THING, True),
        ("registry-apply", "iot:RegisterCertificateWithoutCA", "*", True),
        ("registry-apply", "dynamodb:Query", f"{TABLES}/example-dev-device-registry", True),
        ("registry-apply", "dynamodb:Query", f"{TABLES}/example-dev-device-state", False),
        (
            *("registry-apply", "dynamodb:GetRecords"),
            *(f"{TABLES}/example-dev-device-registry/stream/x", True),
        ),
        ("registry-rule", "sqs:SendMessage", f"{QUEUES}-registry-changes", True),
        ("registry-rule", "sqs:SendMessage", f"{QUEUES}-registry-shadows", True),
        ("registry-capture", "sqs:ReceiveMessage", f"{QUEUES}-registry-shadows", True),
        ("registry-rule", "sqs:SendMessage", f"{QUEUES}-telemetry-failed", False),
        ("registry-apply", "iot:Publish", f"arn:aws:iot:{HERE}:{ACCOUNT}:topic/x", False),
        ("registry-apply", "iam:PassRole", f"{ROLES}/x", False),
        ("provisioning", "iot:CreateThing", THING, True),
        ("provisioning", "iot:UpdateThing", THING, True),
        ("provisioning", "iot:ListThingGroupsForThing", THING, True),
        ("provisioning", "iot:UpdateThingGroupsForThing", THING, False),
        ("provisioning", "iot:ListTargetsForPolicy", f"{POLICIES}/example-dev-device", True),
        ("provisioning", "iot:RegisterThing", "*", True),
        ("provisioning", "iot:DeleteThing", THING, False),
        ("provisioning", "iot:CreatePolicy", f"{POLICIES}/example-dev-device", False),
        ("provisioning", "iot:GetPolicy", f"{POLICIES}/other", False),
        ("provisioning", "iot:RegisterCACertificate", "*", False),
        ("provisioning", "dynamodb:PutItem", f"{TABLES}/example-dev-device-state", False),
        ("canary", "iot:CreateThing", THING, False),
        ("canary", "dynamodb:PutItem", f"{TABLES}/example-dev-device-state", False),
        ("canary", "iot:Publish", f"arn:aws:iot:{HERE}:{ACCOUNT}:topic/iot-dr/dev/canary", True),
        ("other", "kinesis:GetRecords", STREAM, False),
    ],
)
def test_a_role_of_these_stacks_does_what_such_a_role_is_for_and_nothing_else(
    role: str, action: str, resource: str, may: bool
) -> None:
    assert by(role, action, resource) == may
    assert not by(role, action, resource, region="us-west-2")


REFERENCE = re.compile(r"\$\{(data\.)?(aws_\w+)\.(\w+)\.\w+\}")
NAMED = {
    "aws_cloudwatch_log_group": "logs:{place}:log-group:{name}",
    "aws_dynamodb_table": "dynamodb:{place}:table/{name}/stream/x",
    "aws_kinesis_stream": "kinesis:{place}:stream/{name}",
    "aws_sqs_queue": "sqs:{place}:{name}",
}


def named(stack: Template, region: str, resource: str) -> str:
    def arn(match: re.Match[str]) -> str:
        kind = "data" if match[1] else "resource"
        (block,) = (
            candidate
            for candidate in stack.blocks(kind)
            if (candidate.type, candidate.logical_id) == (match[2], match[3])
        )
        place = f"{region}:{ACCOUNT}"
        return f"arn:aws:{NAMED[match[2]].format(place=place, name=block.body['name'])}"

    return REFERENCE.sub(arn, resource)


def refused(stack: Template) -> Iterator[str]:
    """Return what the roles of a stack are allowed and their boundary does not let them do."""
    region = str(stack.backend["region"])
    roles = stack.resources("aws_iam_role")
    capped = Role(EVERYTHING, function_boundary(stacks_with_data()["iot-dev-state"]))
    for policy in stack.resources("aws_iam_role_policy").values():
        (name,) = (each["name"] for key, each in roles.items() if f".{key}." in policy["role"])
        context = {"aws:PrincipalArn": f"{ROLES}/{name}", "aws:RequestedRegion": region}
        for statement in document(policy["policy"]):
            for resource in listed(statement["Resource"]) if statement["Effect"] == "Allow" else ():
                for action in listed(statement["Action"]):
                    call = Call(action, named(stack, region, resource), context)
                    if not capped.may(call):
                        yield f"{name} {action} {call.resource}"


def test_every_role_that_these_stacks_make_does_all_it_is_for() -> None:
    made: set[str] = set()
    boundary = permissions_with_data().environment.function_boundary_arn
    for what in ("telemetry", "device-registry"):
        stack = stacks_with_data()[f"iot-dev-{what}-{OTHER}"]
        assert list(refused(stack)) == []
        for role in stack.resources("aws_iam_role").values():
            assert role["permissions_boundary"] == boundary
            made.add(role["name"].removesuffix(f"-{OTHER}"))
    assert made == {
        *("example-dev-telemetry", "example-dev-telemetry-rule", "example-dev-registry-rule"),
        *(f"example-dev-registry-{what}" for what in ("apply", "capture", "reconcile")),
        "example-dev-provisioning",
    }
