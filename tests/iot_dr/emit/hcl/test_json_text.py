from typing import Any

import pytest

from iot_dr.emit.hcl.document import to_hcl
from tests.iot_dr.emit.hcl.some_blocks import some_blocks

REST: dict[str, Any] = {
    "resource": {"some_rule": {"r": {}}},
    "data": {"some_region": {"r": {}}},
    "variable": {"text": {"type": "string"}, "any": {}},
    "locals": {
        "mixed": "a-${var.any}",
        "same": "${local.mixed}",
        "cut": '${length(local.mixed) < 9 ? local.mixed : "${var.any}-"}',
        "any": "${var.any}",
        "self": "${local.self}",
    },
}

STRINGS = (
    "some_rule.r.arn",
    "some_rule.r[0].name",
    "data.some_region.r.name",
    "var.text",
    "local.mixed",
    "local.same",
    "local.cut",
    "each.key",
    "path.module",
    'join("-", var.any)',
)
OTHERS = (
    "some_rule.r.port",
    "some_rule.r.names",
    "some_rule.r.missing",
    "some_other.r.arn",
    "var.any",
    "local.any",
    "local.self",
    "local.missing",
    'length("a")',
    "var.any ? var.text : 1",
)


@pytest.mark.parametrize("expression", STRINGS)
def test_what_is_a_string_is_put_into_json_as_it_is(expression: str) -> None:
    assert _value(f'{{"a": "${{{expression}}}"}}') == f"jsonencode({{ a = {expression} }})"


@pytest.mark.parametrize("expression", OTHERS)
def test_what_may_be_no_string_is_made_one_in_json(expression: str) -> None:
    assert (
        _value(f'{{"a": "${{{expression}}}"}}') == f"jsonencode({{ a = tostring({expression}) }})"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"b":1.50,"a":[true,null]}', "{ b = 1.50 a = [true, null] }"),
        ('["${var.any}-x"]', '["${var.any}-x"]'),
        ('["$${aws:x}"]', '["$${aws:x}"]'),
        ('["\\u0024{x}"]', '["$${x}"]'),
        ('["\\\\\\"\\n"]', '["\\\\\\"\\n"]'),
        ('{"${var.any}:sub": 1}', '{ "${var.any}:sub" = 1 }'),
        ('{"a": ${jsonencode(var.any)}}', "{ a = var.any }"),
        (" [] ", "[]"),
    ],
)
def test_json_is_written_as_a_value(text: str, expected: str) -> None:
    assert _value(text) == f"jsonencode({expected})"


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ${var.any}}',
        '{${jsonencode("a")}: 1}',
        '{"a": "${join("\\",\\"", var.any)}"}',
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '["\\${var.any}"]',
        '["e\\u0301"]',
        '["\\udb80\\udc00"]',
        '"text"',
        "1",
        "{a}",
    ],
)
def test_what_would_be_other_json_stays_a_string(text: str) -> None:
    assert _value(text).startswith('"')


def test_json_in_a_default_stays_a_string() -> None:
    hcl = to_hcl({"variable": {"v": {"default": '{"a": 1}'}}}, some_blocks)

    assert '"{\\"a\\": 1}"' in hcl


def test_what_is_in_other_files_reveals_strings_too() -> None:
    document = {"output": {"o": {"value": '["${var.text}"]'}}}

    assert "jsonencode([tostring(var.text)])" in to_hcl(document, some_blocks)
    assert "jsonencode([var.text])" in to_hcl(document, some_blocks, siblings=REST)


def _value(text: str) -> str:
    """Return the value of an output, its lines as one."""
    document = {**REST, "output": {"o": {"value": text}}}
    hcl = to_hcl(document, some_blocks)
    value = hcl.partition('output "o" {\n  value = ')[2].removesuffix("\n}\n")
    return " ".join(value.split())
