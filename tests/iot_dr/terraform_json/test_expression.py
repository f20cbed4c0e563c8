"""Texts and numbers of Terraform's JSON."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform_json.argument import whole_number
from iot_dr.terraform_json.expression import (
    has_expression,
    literal,
    parts,
    references,
    replaced_references,
    steps,
    texts,
)
from modules.template import escaped


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("${aws_route53_zone.zone.zone_id}", ["aws_route53_zone.zone.zone_id"]),
        ("${ data.aws_x.y.address }", ["data.aws_x.y.address"]),
        ('${aws_x.y["a.b"].records[0]}', ['aws_x.y["a.b"].records[0]']),
        ("mqtt.${local.zone}", ["local.zone"]),
        ('${replace(aws_api.a.endpoint, "https://", "")}', ["aws_api.a.endpoint"]),
        ('${"in.quotes"}', []),
        ('${"${var.a}-${var.b}"}', ["var.a", "var.b"]),
        ('${var.on ? aws_x.a.id : aws_x.b.id}', ["var.on", "aws_x.a.id", "aws_x.b.id"]),
        ("%{ if var.on }yes%{ endif }", ["var.on"]),
        ("$${iot:Connection.Thing.ThingName}", []),
        ("${1.5 + 2}", []),
        ("plain.text", []),
        ("${cut.off", ["cut.off"]),
    ],
)  # fmt: skip
def test_references_are_found_in_expressions_and_nowhere_else(text: str, result: list[str]) -> None:
    assert list(references(text)) == result


@pytest.mark.parametrize("text", ["${a.b}", "x-${a.b}", "%{ if a.b }x%{ endif }", '${"}"}'])
def test_a_text_with_an_expression_is_not_a_literal(text: str) -> None:
    assert has_expression(text)
    assert literal(text) is None


@pytest.mark.parametrize("value", [None, 3, True, ["a"], {"a": "b"}])
def test_a_value_of_another_type_is_not_a_literal(value: object) -> None:
    assert literal(value) is None


@given(st.text(alphabet='$%{}"\\ab.', max_size=40))
def test_any_text_survives_being_written_as_a_literal(text: str) -> None:
    assert literal(escaped(text)) == text


@given(st.text(alphabet='$%{}"\\ab.[]', max_size=60))
def test_the_parts_of_any_text_are_the_text(text: str) -> None:
    assert "".join(part.text for part in parts(text)) == text


@given(st.text(alphabet='$%{}"\\ab.[]0 ', max_size=60))
def test_replacing_references_by_themselves_changes_nothing(text: str) -> None:
    assert replaced_references(text, {each: each for each in references(text)}) == text


def test_a_reference_comes_apart_into_names_keys_and_numbers() -> None:
    path = steps('data.aws_x.y["a.b"].list[0].c[each.key]')
    assert path == ("data", "aws_x", "y", "a.b", "list", 0, "c", "[each.key]")


def test_the_texts_of_a_list_and_of_one_expression_in_its_place_are_read_alike() -> None:
    assert texts(["a", 1, "b"]) == ("a", "b")
    assert texts("${aws_x.y.names}") == ("${aws_x.y.names}",)
    assert texts(None) == ()


@pytest.mark.parametrize("unit", ['"', '\\"', "${", "a.", "a[", '"${'])
def test_a_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    text = "${" + unit * 50_000
    start = time.process_time()
    references(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (60, 60),
        (60.0, 60),
        ("60", 60),
        (1.5, None),
        ("1.5", None),
        (True, None),
        (None, None),
        (float("inf"), None),
        ("${var.ttl}", None),
    ],
)
def test_a_whole_number_is_read_from_a_number_or_a_string(
    value: Any,
    expected: int | None,
) -> None:
    assert whole_number(value) == expected
