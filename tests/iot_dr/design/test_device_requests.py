"""A device's own requests, against the IoT policy of an environment and against broken ones."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.design.device_requests import refused_request
from iot_dr.design.notes import Notes
from iot_dr.generate.expectation import design_expectation
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.existing import ZONE, existing
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

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
