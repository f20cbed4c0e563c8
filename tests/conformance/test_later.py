"""What a later plan of the official provider changes, and which changes are the emulator's."""

from typing import Any

import pytest

from tests.conformance.emulator import PAGE, EmulatorChange, emulator_changes, page, unexplained
from tests.conformance.later import UNKNOWN, LaterChange, later_changes

ENDPOINT = EmulatorChange(("aws_x.records",), '"*.example.com"', "a new one at each call", "one")


def plan(actions: list[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}, **more}
    return {"resource_changes": [{"type": "aws_x", "change": change}]}


@pytest.mark.parametrize(
    ("changed", "argument", "returned"),
    [
        (plan(["update"], {"a": 1, "b": 2}, {"a": 1, "b": 3}), "aws_x.b", "2"),
        (plan(["update"], {"tags": {}}, {"tags": {"A": "b"}}), "aws_x.tags", "{}"),
        (
            plan(["update"], {"rule": [{"a": 1}, {"a": 2}]}, {"rule": [{"a": 1}, {"a": 3}]}),
            "aws_x.rule.a",
            "2",
        ),
        (plan(["update"], {"rule": [1, 2]}, {"rule": [1]}), "aws_x.rule", "[1, 2]"),
        (
            plan(["update"], {"ids": ["a"]}, {}, after_unknown={"ids": True}),
            "aws_x.ids",
            UNKNOWN,
        ),
        (plan(["create"], None, {"a": 1}), "aws_x", "create"),
        (
            {"output_changes": {"a": {"actions": ["update"], "before": "b", "after": "c"}}},
            "output.a",
            '"b"',
        ),
    ],
)
def test_a_changed_argument_is_named_with_the_value_that_was_returned(
    changed: dict[str, Any], argument: str, returned: str
) -> None:
    assert list(later_changes(changed)) == [LaterChange(argument, returned)]


def test_a_replacement_names_what_forces_it_and_what_else_is_configured_otherwise() -> None:
    replaced = plan(
        ["delete", "create"],
        {"interval": 30, "status": "", "id": "a", "port": 80},
        {"interval": None, "status": "Known", "port": None},
        after_unknown={"id": True},
        replace_paths=[["interval"]],
    )
    assert set(later_changes(replaced)) == {
        LaterChange("aws_x.interval", "30"),
        LaterChange("aws_x.status", '""'),
    }


@pytest.mark.parametrize("actions", [["no-op"], ["read"]])
def test_what_a_plan_only_reads_is_not_a_change(actions: list[str]) -> None:
    assert list(later_changes(plan(actions, {"a": 1}, {"a": 2}))) == []


@pytest.mark.parametrize(
    ("change", "is_explained"),
    [
        (LaterChange("aws_x.records", '"a.example.com"'), True),
        (LaterChange("aws_x.records", '"a.example.org"'), False),
        (LaterChange("aws_x.record", '"a.example.com"'), False),
    ],
)
def test_a_change_is_the_emulator_s_only_with_the_value_that_it_returns(
    change: LaterChange, is_explained: bool
) -> None:
    assert unexplained([change], [ENDPOINT]) == ([] if is_explained else [change])


def test_the_page_has_the_table_of_the_file() -> None:
    assert all(row.moto and row.aws for row in emulator_changes())
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
