"""Plans and states as Terraform and its backends write them."""

from typing import Any

import pytest

from iot_dr.terraform_json.change import Action, PlannedAction, changes_in, totals
from iot_dr.terraform_json.state_file import StateFile, StateFileError
from stacks.state_location import StateLocation
from tests.support.state_files import state_file, state_resource


def plan(*actions: list[str]) -> dict[str, Any]:
    return {
        "resource_changes": [
            {"address": f"aws_x.r{number}", "change": {"actions": of_resource}}
            for number, of_resource in enumerate(actions)
        ]
    }


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], Action.CREATE),
        (["update"], Action.UPDATE),
        (["delete"], Action.DESTROY),
        (["delete", "create"], Action.REPLACE),
        (["create", "delete"], Action.REPLACE),
        (["create", "forget"], Action.REPLACE),
        (["forget"], Action.FORGET),
    ],
)
def test_a_change_is_what_terraform_calls_it(actions: list[str], action: Action) -> None:
    assert changes_in(plan(actions)) == (PlannedAction("aws_x.r0", action),)


@pytest.mark.parametrize("actions", [["no-op"], ["read"]])
def test_no_op_and_read_are_not_changes(actions: list[str]) -> None:
    assert changes_in(plan(actions)) == ()


def test_a_plan_without_resources_has_no_change() -> None:
    assert changes_in({}) == ()


def test_totals_count_each_kind_and_a_replacement_once() -> None:
    changes = changes_in(plan(["create"], ["create"], ["delete", "create"], ["delete"]))
    assert totals(changes) == "2 to create, 1 to replace, 1 to destroy"
    assert totals([]) == "nothing to do"


PLACE = StateLocation(bucket="b", key="dev/x.tfstate", region="eu-west-1")
TOPIC = state_resource("aws_sns_topic.alarms", "eu-north-1", arn="a")
DATA = {**state_resource("aws_caller_identity.me"), "mode": "data"}
NO_ALIAS = {
    **state_resource("aws_sns_topic.own"),
    "module": "module.own",
    "provider": 'module.own.provider["registry.terraform.io/hashicorp/aws"]',
}


def test_resources_and_outputs_are_read() -> None:
    content = state_file(TOPIC, DATA, NO_ALIAS, outputs={"name": "n"}, serial=7, lineage="l")
    state = StateFile.read(content, PLACE.url)
    assert (state.serial, state.lineage) == (7, "l")
    assert [each.address for each in state.managed] == ["aws_sns_topic.alarms", "aws_sns_topic.own"]
    assert [each.provider_region for each in state.managed] == ["eu-north-1", ""]
    assert [attributes for _, attributes in state.of_type("aws_sns_topic")] == [{"arn": "a"}, {}]
    assert list(state.of_type("aws_caller_identity")) == []
    assert (state.output("name"), state.output("other")) == ("n", None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1: the JSON is truncated"),
        (b"\xff", "line 1, column 1: invalid JSON"),
        (b'{"a": ' + b"[" * 100_000, "is nested deeper"),
        (b"[]", "the state: expected `object`, got `array`"),
        (b'{"version": 4}', "the state: object missing required field `lineage`"),
        (
            state_file({"mode": "managed"}),
            r"the state.resources\[0\]: object missing required field",
        ),
        (
            state_file({**TOPIC, "mode": "x"}),
            r"the state.resources\[0\].mode: invalid enum value 'x'",
        ),
    ],
)
def test_the_error_names_the_object_and_the_problem(content: bytes, problem: str) -> None:
    lead = r"^s3://b/dev/x\.tfstate: is not a Terraform state: "
    with pytest.raises(StateFileError, match=f"{lead}{problem}.*restore an earlier version"):
        StateFile.read(content, PLACE.url)
    assert StateFile.or_empty(content) == StateFile(lineage="", serial=0, resources=())
