"""What a plan says it would do, in a few words."""

from typing import Any

import pytest

from iot_dr.terraform_json.change import Action, PlannedAction, changes_in, totals


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
