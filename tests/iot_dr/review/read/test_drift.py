"""What changed outside Terraform, and what AWS or the configuration leaves to others."""

import json
from typing import Any

import pytest

from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stack_reader import drifted
from iot_dr.rules.device_path_differs import RULE
from iot_dr.terraform_json.plan.masks import Masking
from iot_dr.terraform_json.plan.reader import Plan, read_plan
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.strict_json import members
from tests.support.plan_parts import Json, change, create, document, entry, update

EVENTS = "aws_iot_event_configurations.registry"
OWN: Json = {"event_configurations": {"THING": True}, "id": "registry", "region": None}


def plan(masking: Masking | None = None, **parts: Any) -> Plan:
    return read_plan(members(json.dumps(document(**parts)).encode(), "the plan"), masking)


def drift(now: Json, planned: Json, actions: str = "no-op") -> list[str]:
    """Return the drift of the event configurations, of which the configuration has one key."""
    block = {"event_configurations": {"constant_value": OWN["event_configurations"]}}
    configuration = {"root_module": {"resources": [{**entry(EVENTS), "expressions": block}]}}
    changed = {**entry(EVENTS), "change": change([actions], now, planned, (False, False))}
    read = plan(
        configuration=configuration,
        resource_drift=[update(EVENTS, OWN, now)],
        resource_changes=[changed],
    )
    return [resource.address for resource in drifted(read)]


FILLED: Json = {**OWN, "event_configurations": {"THING": True, "JOB": False}}
TURNED_OFF: Json = {**OWN, "event_configurations": {"THING": False}}


@pytest.mark.parametrize(
    "now", [FILLED, {**FILLED, "event_configurations": {"THING": True, "JOB": True}}]
)
def test_what_the_configuration_ignores_is_not_drift(now: Json) -> None:
    assert drift(now, now) == []


def test_what_aws_fills_in_is_not_drift() -> None:
    now = {**OWN, "region": "eu-west-1"}
    assert drift(now, now) == []


def test_what_the_plan_changes_back_is_drift() -> None:
    assert drift(TURNED_OFF, OWN, "update") == [EVENTS]


def test_another_value_of_what_nobody_configures_is_drift() -> None:
    now = {**OWN, "id": "another"}
    assert drift(now, now) == [EVENTS]


@pytest.mark.parametrize(("masking", "findings"), [(Masking(), 1), (Secrets(), 0)])
def test_a_value_that_a_review_hides_is_not_compared_between_regions(
    masking: Masking, findings: int
) -> None:
    rules = {
        f"aws_iot_topic_rule.{region}": {"name": "capture", "region": region, "sql": sql}
        for region, sql in (("eu-west-1", "SELECT 'one'"), ("eu-central-1", "SELECT 'other'"))
    }
    blocks = [
        {**entry(address), "expressions": {"sql": {}, "name": {"constant_value": "capture"}}}
        for address in rules
    ]
    read = plan(
        masking,
        configuration={"root_module": {"resources": blocks}},
        resource_changes=[
            create(address, values, {"sql": True}) for address, values in rules.items()
        ],
    )
    assert len(list(RULE.find(ResourceSet([read.resources("rules")]), None))) == findings
