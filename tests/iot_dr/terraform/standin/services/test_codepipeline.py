from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

APPROVAL = {
    "name": "approve",
    "category": "Approval",
    "owner": "AWS",
    "provider": "Manual",
    "version": "1",
    "configuration": {"CustomData": "wave 1"},
}


def stages(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": name, "action": [{**APPROVAL, **changes}]} for name in ("plan", "apply")]


@pytest.fixture
def pipeline(cache: SchemaCache) -> Kind:
    return Kind(
        cache,
        "aws_codepipeline",
        name="rollout",
        role_arn="arn:aws:iam::111111111111:role/rollout",
        artifact_store=[{"location": "artifacts", "type": "S3"}],
        stage=stages(),
    )


def test_a_pipeline_is_known_by_its_name(pipeline: Kind) -> None:
    made = pipeline.apply()
    assert made["id"] == "rollout"
    assert made["arn"] == "arn:aws:codepipeline:eu-west-1:111111111111:rollout"


def test_a_pipeline_takes_the_defaults_that_a_plan_shows(pipeline: Kind) -> None:
    planned = pipeline.plan()
    assert (planned["pipeline_type"], planned["execution_mode"]) == ("V1", "SUPERSEDED")
    assert planned["artifact_store"][0]["region"] == ""
    assert planned["stage"][0]["action"][0]["run_order"] == UNKNOWN


def test_a_configuration_with_an_unknown_value_is_unknown_as_a_whole(pipeline: Kind) -> None:
    configuration = {"CustomData": "wave 1", "NotificationArn": UNKNOWN}
    planned = pipeline.plan(stage=stages(configuration=configuration))
    assert planned["stage"][0]["action"][0]["configuration"] == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a b"}, "letters, digits and . @ _ -"),
        ({"role_arn": "rollout"}, "be an ARN"),
        ({"pipeline_type": "V3"}, "V1, V2"),
        ({"stage": stages(category="Pray")}, "Approval"),
        ({"stage": stages(run_order=1000)}, "between 1 and 999"),
        ({"stage": stages(configuration={"CustomData": ""})}, "values of 1 to 1000 characters"),
        ({"stage": stages(configuration={"k" * 51: "v"})}, "keys of 1 to 50 characters"),
        ({"stage": stages(input_artifacts=["a.b"])}, "letters, digits and _ -"),
    ],
)
def test_a_wrong_pipeline_is_refused(pipeline: Kind, changes: dict[str, Any], message: str) -> None:
    assert pipeline.refused() == ""
    assert message in pipeline.refused(**changes)


def trigger(**push: Any) -> list[dict[str, Any]]:
    git = {"source_action_name": "source", "push": [push]}
    return [{"provider_type": "CodeStarSourceConnection", "git_configuration": [git]}]


def condition(**changes: Any) -> list[dict[str, Any]]:
    rule = {"name": "check", "rule_type_id": [{"category": "Rule", "provider": "VariableCheck"}]}
    entry = {"condition": [{"result": "SKIP", "rule": [{**rule, **changes}]}]}
    return [{**stage, "before_entry": [entry]} for stage in stages()]


def test_filters_of_triggers_and_rules_of_conditions_have_the_limits_of_the_api(
    pipeline: Kind,
) -> None:
    assert pipeline.refused(trigger=trigger(branches=[{"includes": ["main"]}])) == ""
    assert pipeline.refused(stage=condition(configuration={"Value": "1"})) == ""
    too_many = [{"includes": [f"b{number}" for number in range(9)]}]
    assert "8 members at most" in pipeline.refused(trigger=trigger(branches=too_many))
    assert "1 members or more" in pipeline.refused(trigger=trigger(branches=[{"includes": []}]))
    long = {"Value": "v" * 10_001}
    assert "at most 10000" in pipeline.refused(stage=condition(configuration=long))
    assert "between 5 and" in pipeline.refused(stage=condition(timeout_in_minutes=1))


def test_what_a_change_replaces(pipeline: Kind) -> None:
    assert pipeline.replaced_by(pipeline_type="V2", stage=stages(version="2")) == []
    assert pipeline.replaced_by(name="other") == ["name"]
