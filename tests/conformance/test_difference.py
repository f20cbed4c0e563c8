"""What counts as a difference between two providers."""

from typing import Any

import pytest

from tests.conformance.difference import Comparison, Difference

NAME = {"type": "string", "required": True}


def schema_differences(official: dict[str, Any], standin: dict[str, Any]) -> list[Difference]:
    comparison = Comparison()
    comparison.types("aws_x", {"block": official}, {"block": standin})
    return sorted(comparison.differences)


def plan_differences(official: dict[str, Any], standin: dict[str, Any]) -> list[Difference]:
    comparison = Comparison()
    comparison.plans(official, standin)
    return sorted(comparison.differences)


def block(**attributes: Any) -> dict[str, Any]:
    return {"attributes": attributes}


def plan(
    after: dict[str, Any], unknown: dict[str, Any] | None = None, **change: Any
) -> dict[str, Any]:
    whole = {"actions": ["create"], "after_sensitive": {}, "after_unknown": unknown or {}, **change}
    resource = {"address": "aws_x.y", "expressions": {"zone": {"references": ["data.z"]}}}
    return {
        "resource_changes": [{"address": "aws_x.y", "change": {"after": after, **whole}}],
        "configuration": {"root_module": {"resources": [resource]}},
    }


@pytest.mark.parametrize(
    ("standin", "expected"),
    [
        (block(), ["schema aws_x.name: official has it, stand-in has none"]),
        (block(name={**NAME, "type": "bool"}), ['type "string", stand-in type "bool"']),
        (block(name={**NAME, "sensitive": True}), ["sensitive null, stand-in sensitive true"]),
        (block(name={**NAME, "optional": False}), []),
    ],
)
def test_a_schema_differs_in_attributes_types_and_marks(
    standin: dict[str, Any], expected: list[str]
) -> None:
    result = list(map(str, schema_differences(block(name=NAME), standin)))
    assert len(result) == len(expected)
    assert all(part in whole for part, whole in zip(expected, result, strict=True))


def test_a_schema_differs_in_a_block_s_limits_and_in_its_contents() -> None:
    def nested(limit: int, **attributes: Any) -> dict[str, Any]:
        inner = {"nesting_mode": "list", "max_items": limit, "block": block(**attributes)}
        return {"block_types": {"rule": inner}}

    result = set(schema_differences(nested(1, name=NAME), nested(2)))
    assert result == {
        Difference("schema", "aws_x.rule", "max_items 1", "max_items 2"),
        Difference("schema", "aws_x.rule.name", "has it", "has none"),
    }


@pytest.mark.parametrize(
    ("standin", "expected"),
    [
        (plan({"name": "a", "zone": "Z1"}), []),
        (plan({"name": "a", "zone": "Z2"}), []),
        (plan({"name": "b", "zone": "Z1"}), ['aws_x.name: official "a", stand-in "b"']),
        (plan({"name": "a"}, {"zone": True}), ['zone: official "Z1", stand-in unknown']),
        (plan({"name": "a"}), ['zone: official "Z1", stand-in null']),
        (plan({"name": "a", "zone": "Z1"}, actions=["update"]), ['["create"]']),
        (plan({"name": "a", "zone": "Z1"}, after_sensitive={"name": True}), ["sensitive True"]),
        ({**plan({}), "resource_changes": []}, ["aws_x.y: official has it, stand-in has none"]),
    ],
)
def test_a_plan_differs_in_known_marks_and_in_values_of_the_stack_itself(
    standin: dict[str, Any], expected: list[str]
) -> None:
    result = list(map(str, plan_differences(plan({"name": "a", "zone": "Z1"}), standin)))
    assert len(result) == len(expected)
    assert all(part in whole for part, whole in zip(expected, result, strict=True))


def test_a_deeply_nested_unknown_value_is_found() -> None:
    one = plan({"options": [{"name": "a"}]}, {"options": [{"token": True}]})
    other = plan({"options": [{"name": "a", "token": "t"}]})
    (result,) = plan_differences(one, other)
    assert result == Difference("plan", "aws_x.options.token", "unknown", '"t"')


def test_the_compared_attributes_and_values_are_counted() -> None:
    comparison = Comparison()
    inner = {"nesting_mode": "list", "block": block(name=NAME, age=NAME)}
    schema = {"block": {"block_types": {"rule": inner}}}
    comparison.types("aws_x", schema, schema)
    comparison.plans(plan({"a": [{"b": 1, "c": 2}, {"b": 3}], "d": 4}), plan({"a": [], "d": 4}))
    assert (comparison.schema_attributes, comparison.plan_values) == (3, 2)


def test_a_type_that_one_provider_lacks_is_a_difference() -> None:
    comparison = Comparison()
    comparison.types("aws_x", None, {"block": block(name=NAME)})
    assert comparison.differences == {Difference("schema", "aws_x", "has none", "has it")}
