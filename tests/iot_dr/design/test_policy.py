"""What IAM policies allow, deny, or leave unknown."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iot_dr.design.device_requests import refused_request
from iot_dr.design.notes import Notes
from iot_dr.design.policy import Access, ApiCall, Grants
from iot_dr.generate.expectation import design_expectation
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.existing import ZONE, existing
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

TOPIC = "arn:aws:iot:eu-west-1:111111111111:topic/iot-dr/dev/canary"
ALLOW = {"Effect": "Allow", "Action": "iot:Publish", "Resource": TOPIC}
DENY = {**ALLOW, "Effect": "Deny"}
CALL = ApiCall(
    "iot:Publish",
    "arn:aws:iot:eu-west-1::topic/iot-dr/dev/canary",
    {"aws:RequestedRegion": "eu-west-1", "iot:Label": "red"},
)


def when(operator: str, key: str, *values: object) -> dict[str, Any]:
    return {**ALLOW, "Condition": {operator: {key: [*values]}}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], "denied"),
        ([ALLOW], "allowed"),
        ([{**ALLOW, "Action": ["s3:*", "IOT:Pub*"]}], "allowed"),
        ([{**ALLOW, "Resource": "*"}], "allowed"),
        ([{**ALLOW, "Resource": TOPIC.replace("canary", "*")}], "allowed"),
        ([{**ALLOW, "Resource": TOPIC.replace("canary", "c?nary")}], "allowed"),
        ([{**ALLOW, "Resource": TOPIC.replace("west", "north")}], "denied"),
        ([{**ALLOW, "Resource": TOPIC.replace("canary", "Canary")}], "denied"),
        ([{**ALLOW, "Resource": TOPIC.replace("eu-west-1", "${x.y}")}], "unknown"),
        ([{**ALLOW, "Resource": TOPIC.replace("iot-dr/dev", "${x.y}")}], "unknown"),
        ([{**ALLOW, "Resource": TOPIC.replace("canary", "${x.y}/more")}], "denied"),
        ([{**ALLOW, "Resource": TOPIC.replace("dev", "$${aws:userid}")}], "unknown"),
        ([{**ALLOW, "Resource": TOPIC.replace("eu-west-1", "$${aws:RequestedRegion}")}], "allowed"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "*:role/*"}], "allowed"),
        ([{"Effect": "Allow", "NotAction": "iot:*", "Resource": "*"}], "denied"),
        ([{**ALLOW, "Principal": "*"}], "unknown"),
        ([{**ALLOW, "Effect": "allow"}], "denied"),
        ([ALLOW, DENY], "denied"),
        ([ALLOW, {**DENY, "Resource": "${x.y}"}], "unknown"),
        ([ALLOW, {**DENY, "Action": "iot:Connect"}], "allowed"),
        ([when("StringEquals", "aws:RequestedRegion", "eu-west-1", "x")], "allowed"),
        ([when("StringNotEquals", "AWS:requestedregion", "eu-west-1")], "denied"),
        ([when("StringLike", "aws:RequestedRegion", "eu-*")], "allowed"),
        ([when("StringEquals", "aws:RequestedRegion", "${x.y}")], "unknown"),
        ([when("StringEquals", "aws:SourceVpc", "vpc-1")], "unknown"),
        ([when("StringEquals", "cloudwatch:namespace", "A")], "denied"),
        ([when("StringEqualsIfExists", "cloudwatch:namespace", "A")], "allowed"),
        ([when("StringNotEquals", "cloudwatch:namespace", "A")], "allowed"),
        ([when("ForAllValues:StringEquals", "s3:keys", "A")], "allowed"),
        ([when("ForAnyValue:StringNotEquals", "s3:keys", "A")], "denied"),
        ([when("ForAnyValue:StringEquals", "iot:label", "red")], "allowed"),
        ([when("Null", "cloudwatch:namespace", True)], "allowed"),
        ([when("Null", "iot:Label", "true")], "denied"),
        ([when("NumericLessThan", "iot:Label", 3)], "unknown"),
        ([{**ALLOW, "Condition": "odd"}], "unknown"),
    ],
)
def test_a_policy_allows_denies_or_leaves_unknown(
    statements: list[dict[str, Any]], expected: Access
) -> None:
    assert Grants((tuple(statements),)).access(CALL) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("arn:aws:sns:${var.x}:1:t", "unknown"), ("arn:aws:sqs:${var.x}:1:t", "denied")],
)
def test_a_value_with_an_expression_may_equal_another(value: str, expected: Access) -> None:
    call = replace(CALL, context={"aws:SourceArn": value})
    statement = when("StringEquals", "aws:SourceArn", "arn:aws:sns:eu-west-1:1:t")
    assert Grants(((statement,),)).access(call) == expected


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        (Grants((None,)), "unknown"),
        (Grants((None, (ALLOW,))), "allowed"),
        (Grants((None, (DENY,))), "denied"),
        (Grants(((ALLOW,),), boundary=((),)), "denied"),
        (Grants(((ALLOW,),), boundary=((ALLOW,),)), "allowed"),
        (Grants(((ALLOW,),), boundary=(None,)), "unknown"),
        (Grants(((),), boundary=(None,)), "denied"),
    ],
)
def test_every_policy_and_the_boundary_count(grants: Grants, expected: Access) -> None:
    assert grants.access(CALL) == expected


def test_a_condition_on_the_role_reads_its_arn_in_any_account() -> None:
    arn = "arn:aws:iam::111111111111:role/a-*"
    grants = Grants(
        ((when("ArnLike", "aws:PrincipalArn", arn),),),
        principal={"aws:PrincipalArn": "arn:aws:iam:::role/a-canary"},
    )
    assert grants.access(CALL) == "allowed"


REGIONS = ("eu-west-1", "eu-central-1")
Statement = dict[str, Any]


def refusals(synthesis: Synthesis, changed: Callable[[Statement], Statement]) -> set[str]:
    """Return what is refused or noted where every region's policy is changed alike."""
    chosen = settings()
    stacks = {name: stack.document for name, stack in synthesis(chosen).items()}
    for region in REGIONS:
        body = stacks[f"iot-dev-iot-{region}"]["resource"]["aws_iot_policy"]["device"]
        policy = json.loads(body["policy"])
        policy["Statement"] = [changed(statement) for statement in policy["Statement"]]
        body["policy"] = json.dumps(policy)
    resources = ResourceSet(read_configuration(*each) for each in stacks.items())
    notes = Notes()
    refused = {
        refused_request(resources, design_expectation(chosen), region, notes) for region in REGIONS
    }
    return refused | set(map(str, notes.notes))


def test_the_platform_s_policy_permits_all_that_a_device_asks(synthesis: Synthesis) -> None:
    assert refusals(synthesis, lambda statement: statement) == {""}


@pytest.mark.parametrize("action", ["Connect", "Publish", "Subscribe", "Receive"])
def test_a_denied_action_is_refused_in_every_region(action: str, synthesis: Synthesis) -> None:
    def denied(statement: Statement) -> Statement:
        is_meant = statement["Action"] == f"iot:{action}"
        return {**statement, "Effect": "Deny"} if is_meant else statement

    (refused,) = refusals(synthesis, denied)
    assert refused.startswith(f"the IoT policy of devices does not allow iot:{action} on ")


def test_a_variable_that_does_not_exist_is_noted_and_not_judged(synthesis: Synthesis) -> None:
    def unknown(statement: Statement) -> Statement:
        text = json.dumps(statement).replace("ThingName}", "ThingNamex}")
        return json.loads(text)

    nothing, *noted = sorted(refusals(synthesis, unknown))
    assert nothing == ""
    assert noted
    assert all(sentence.startswith("the IoT policy of devices in ") for sentence in noted)


def test_a_condition_that_is_never_true_refuses_the_connection(synthesis: Synthesis) -> None:
    def never(statement: Statement) -> Statement:
        condition = {"Bool": {"iot:Connection.Thing.IsAttached": ["truex"]}}
        return {**statement, "Condition": condition} if "Condition" in statement else statement

    (refused,) = refusals(synthesis, never)
    assert "iot:Connect on thing-1" in refused


def test_the_topics_of_a_fleet_with_its_own_policy_are_not_judged() -> None:
    policy = {"name": "FleetPolicy", "document": "environments/fleet.json"}
    chosen = settings(zone=ZONE, existing=existing(device_policy=policy))
    notes = Notes()
    assert refused_request(ResourceSet([]), design_expectation(chosen), "eu-west-1", notes) == ""
    (note,) = notes.notes
    assert str(note) == "the topics of the fleet, whose IoT policy in eu-west-1 is its own"
