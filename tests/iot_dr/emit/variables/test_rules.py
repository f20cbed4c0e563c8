from typing import Annotated, Literal

import pytest

from environments.blocks import Block
from environments.fields import Text, WholeNumber
from iot_dr.emit.variables.rules import field_rules


class Other(Block):
    """Fields with other rules than the settings have."""

    size: Annotated[int, WholeNumber(5, 7, "feet")]
    word: Annotated[str, Text("(?!b)[bc]+", 9, "b and c, no b first")]
    kind: Literal["left", "right", "none"]
    reason: Annotated[str, Text(r"\S+", 9, "no spaces")]


def _rules(name: str) -> list[tuple[str, str]]:
    rules = field_rules(name, Other.model_fields[name])
    return [(rule.condition, rule.error) for rule in rules]


def test_another_rule_gives_another_validation() -> None:
    assert _rules("size")[1] == (
        "var.size >= 5 && var.size <= 7",
        "The value of size is out of range; expected 5 to 7 feet.",
    )
    assert _rules("word") == [
        (
            "length(var.word) <= 9",
            "The value of word has more than 9 characters; expected b and c, no b first.",
        ),
        (
            'can(regex("^(?:[bc]+)$", var.word)) && !can(regex("^(?:b)", var.word))',
            "The value of word is not allowed; expected b and c, no b first.",
        ),
    ]
    assert _rules("kind") == [
        (
            'contains(["left", "right", "none"], var.kind)',
            "The value of kind is not allowed; expected left, right or none.",
        )
    ]


def test_a_rule_that_terraform_cannot_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"pattern '\\\\S\+' cannot be used in Terraform"):
        _rules("reason")
