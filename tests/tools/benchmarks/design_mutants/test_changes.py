"""Each kind of change of a value, by the value's type and the values that the schema knows."""

import json
from typing import Any

import pytest

from iot_dr.terraform.standin.checks import one_of
from tools.benchmarks.design_mutants.changes import Surroundings, changes

AROUND = Surroundings(
    regions=["eu-west-1", "eu-central-1"],
    own="eu-west-1",
    alternatives=lambda reference: [reference.replace(".a.", ".b.")] if ".a." in reference else [],
)
ALLOW = {"Sid": "One", "Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}


def made(value: object, allowed: object = None) -> list[tuple[str, Any]]:
    return [(change.kind, change.value) for change in changes(value, allowed, AROUND)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, [("negated", False)]),
        (3, [("larger", 7), ("smaller", 1)]),
        (0, [("larger", 1)]),
        ("30", [("larger", "61"), ("smaller", "15")]),
        ("one", [("another name", "onex")]),
        ("one two", [("another name", "onex two"), ("another name", "one twox")]),
        ("in eu-west-1", [("another region", "in eu-central-1")]),
        (
            "${data.x.state_eu_west_1.outputs.y}",
            [("another region", "${data.x.state_eu_central_1.outputs.y}")],
        ),
        ("${aws_x.a.id}", [("another name", "${aws_x.b.id}")]),
        ("GET /p/${aws_x.c.id}", [("another name", "GETx /p/${aws_x.c.id}")]),
        (["one"], [("another name", ["onex"])]),
        ([True, False], [("negated", [False, False]), ("removed", [False])]),
        ({"k": True}, [("negated", {"k": False}), ("removed", {})]),
    ],
)
def test_a_value_is_changed_by_its_type(value: object, expected: list[tuple[str, Any]]) -> None:
    assert [change for change in made(value) if change in expected] == expected


def test_a_value_of_a_known_list_becomes_each_other_value_and_nothing_else() -> None:
    assert made("A", one_of("A", "B", "C")) == [("another value", "B"), ("another value", "C")]
    assert made(10, one_of(10, 30)) == [("another value", 30)]


def test_of_a_long_list_a_few_values_are_tried() -> None:
    assert len(made("v0", one_of(*(f"v{number}" for number in range(40))))) == 3


def test_a_statement_of_a_policy_is_denied_removed_and_changed() -> None:
    policy = json.dumps({"Statement": [ALLOW, {**ALLOW, "Sid": "Two"}]})
    of_first = [
        (change.kind, change.argument, json.loads(change.value)["Statement"])
        for change in changes(policy, None, AROUND)
        if change.place.startswith(".One")
    ]
    second = {**ALLOW, "Sid": "Two"}
    assert of_first[:2] == [
        ("denied", ".Statement.Effect", [{**ALLOW, "Effect": "Deny"}, second]),
        ("removed", ".Statement", [second]),
    ]
    other = {**ALLOW, "Action": "iot:Connectx"}
    assert ("another name", ".Statement.Action", [other, second]) in of_first
    # IAM refuses a statement without an action.
    assert not [each for each in of_first if each[:2] == ("removed", ".Statement.Action")]
