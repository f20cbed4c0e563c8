"""What another version stored, in the form of the schema that reads it."""

from typing import Any

import pytest

from iot_dr.terraform.standin.schema import Attribute, Block, NestedBlock
from iot_dr.terraform.standin.stored import reshaped

_INNER = Block({"name": Attribute("string"), "new": Attribute("number")})
_BLOCK = Block(
    {
        "label": Attribute("string"),
        "new": Attribute("bool"),
        "hosts": Attribute(["set", ["object", {"ip": "string", "new": "string"}]]),
        "limits": Attribute(["map", ["list", "number"]]),
    },
    {
        "one": NestedBlock("single", 0, 0, _INNER),
        "some": NestedBlock("list", 0, 0, _INNER),
        "unordered": NestedBlock("set", 0, 0, _INNER),
        "named": NestedBlock("map", 0, 0, _INNER),
    },
)
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("label", "new", "hosts", "limits", "one", "named")),
    "some": [],
    "unordered": [],
}


def test_of_nothing_it_is_a_block_with_nothing_set() -> None:
    assert reshaped(_BLOCK, {}) == _EMPTY


@pytest.mark.parametrize(
    ("name", "stored", "expected"),
    [
        ("label", "x", "x"),
        ("gone", "x", None),
        ("hosts", [{"ip": "::1", "gone": 1}], [{"ip": "::1", "new": None}]),
        ("limits", {"a": [1, 2]}, {"a": [1, 2]}),
        ("one", {"name": "x", "gone": 1}, {"name": "x", "new": None}),
        (
            "some",
            [{"name": "x"}, {"new": 2}],
            [{"name": "x", "new": None}, {"name": None, "new": 2}],
        ),
        ("unordered", [{"name": "x"}], [{"name": "x", "new": None}]),
        ("named", {"k": {"name": "x"}}, {"k": {"name": "x", "new": None}}),
    ],
)
def test_what_is_gone_is_dropped_and_what_is_new_is_null_however_deep(
    name: str, stored: Any, expected: Any
) -> None:
    made = reshaped(_BLOCK, {name: stored})
    assert made == {**_EMPTY, **({name: expected} if name in _EMPTY else {})}


@pytest.mark.parametrize("stored", [None, "text", 7, [], {}])
def test_a_value_of_another_type_is_left_for_terraform_to_refuse(stored: Any) -> None:
    assert reshaped(_BLOCK, {"label": stored})["label"] == stored
    assert reshaped(_BLOCK, {"some": stored})["some"] == []
