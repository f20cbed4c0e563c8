import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform_json.json_value import is_mapping, is_sequence
from tests.iot_dr.emit.hcl.batches import batches
from tests.iot_dr.emit.hcl.templates import SHARED, plain_values, templates, values
from tests.iot_dr.emit.hcl.terraform_folder import Both, TerraformFolder

CONDITION = 'local.flag && contains(local.list, "one") && length(local.object["other name"]) < 9'

EXAMPLES: dict[str, Any] = {
    "a list": "${local.list}",
    "a number": "${local.number}",
    "a number in a string": '${local.number}${""}',
    "an escaped expression": "$${local.text} %%{if}",
    "dollars before an expression": "$ $$ $$${local.text} $",
    "a quote, a backslash, a line": 'a "b" \\n\n\t c',
    "lines as on Windows": "a\r\n${local.text}",
    "no letter that is seen": "\u202e\u0000\ufeff",
    "keys": {"for": 1, "a b": 2, "${local.text}": 3, "x${local.number}": 4, "null": 5, "//": 6},
    "numbers": [0, -1, 1.5, 1e300, 123456789012345678901234567890, -0.0],
    "nothing": [None, {}, [], "", True, False],
    "JSON": '{"b": ["${local.text}:*", "${local.number}", "$${iot:x}"], "a": 1.50}',
    "JSON in which a value is encoded": '{"a": ${jsonencode(local.list)}, "b": [${jsonencode(1)}]}',
    "JSON in which more than text is put": '{"a": ["${join("\\",\\"", local.list)}"]}',
    "JSON in which a number is put": '{"a": ${local.number}}',
    "JSON with a name twice": '{"a": 1, "a": 2}',
    "JSON with a letter of two": '["e\\u0301"]',
    "JSON with half a letter": '["\\ud800"]',
    "JSON with a key that is put": '{"${local.text}": 1, "${local.number}:sub": 2}',
    "JSON with a backslash before": '{"a": "\\\\${local.text}"}',
    "a list in a string": '${"${local.list}"}',
    "strings that are none": '${["${local.flag}", {a = "${local.number}"}]}',
    "conditions over lines": {
        "choice": f"${{{CONDITION} ? local.object.name : -local.number}}",
        "list": f"${{[{CONDITION}, {CONDITION} ? 1 : 2]}}",
        "object": f"${{{{a = {CONDITION}, b = [for x in local.list : x if {CONDITION}]}}}}",
        "call": f"${{tostring(({CONDITION}))}}",
    },
    "no JSON": "{not} [JSON]",
}


@batches
@given(cases=st.lists(st.one_of(values(), templates()), min_size=40, max_size=60))
def test_a_value_is_what_terraform_makes_of_the_json(
    cases: list[Any], terraform: TerraformFolder
) -> None:
    both = terraform.both(lambda prefix: _outputs(prefix, cases), SHARED)

    assert _different(both, cases) == {}
    assert terraform.unformatted(both.hcl) == ""


def test_special_values_are_what_terraform_makes_of_the_json(terraform: TerraformFolder) -> None:
    cases = list(EXAMPLES.values())

    both = terraform.both(lambda prefix: _outputs(prefix, cases), SHARED)

    assert _different(both, cases) == {}
    assert terraform.unformatted(both.hcl) == ""


@batches
@given(cases=st.lists(plain_values(), min_size=30, max_size=50))
def test_a_default_is_taken_as_it_stands(cases: list[Any], terraform: TerraformFolder) -> None:
    both = terraform.both(lambda prefix: _variables(prefix, cases))

    assert _different(both, cases) == {}
    assert terraform.unformatted(both.hcl) == ""


def _outputs(prefix: str, cases: list[Any]) -> dict[str, Any]:
    return {"output": {f"{prefix}{index}": {"value": case} for index, case in enumerate(cases)}}


def _variables(prefix: str, cases: list[Any]) -> dict[str, Any]:
    names = [f"{prefix}{index}" for index in range(len(cases))]
    variables = {name: {"default": case} for name, case in zip(names, cases, strict=True)}
    return {"variable": variables, **_outputs(prefix, [f"${{var.{name}}}" for name in names])}


def _different(both: Both, cases: list[Any]) -> dict[str, Any]:
    """Return each case with the values that it has, where these are not the same."""
    pairs = {
        str(index): (case, both.as_json.get(str(index)), both.as_hcl.get(str(index)))
        for index, case in enumerate(cases)
    }
    return {name: pair for name, pair in pairs.items() if _meant(pair[1]) != _meant(pair[2])}


def _meant(value: Any) -> Any:
    """Read strings that are JSON: how these are written does not matter."""
    if is_mapping(value):
        return {key: _meant(each) for key, each in value.items()}
    if is_sequence(value):
        return [_meant(each) for each in value]
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return "JSON", _meant(json.loads(value, parse_int=float))
        except ValueError:
            return value
    return value
