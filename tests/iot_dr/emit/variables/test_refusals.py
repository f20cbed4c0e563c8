import re
from typing import Annotated, Literal

import pytest

from environments.blocks import Block
from environments.fields import Text, WholeNumber
from environments.regions import IOT_REGIONS
from environments.translation import finding
from iot_dr.emit.variables.pattern import conditions
from iot_dr.emit.variables.rules import field_rules, with_cross_rules
from iot_dr.emit.variables.settings import SETTINGS
from tests.iot_dr.emit.variables.cases import BASE, refusals
from tests.iot_dr.emit.variables.judge import Case, Judge

VARIABLES = with_cross_rules(SETTINGS.values())
# Without the environment: while it is wrong, Terraform does not judge what goes with it.
WRONG: Case = {
    "project": "Example",
    "domain": "10.0.0.1",
    "account_id": "11111111111",
    "label": "mqtt.",
    "ttl": 3601,
    "tls_policy": "none",
    "interval": 20,
    "threshold": 0,
    "fail_back": "soon",
    "bucket_prefix": "xn--iot",
    "point_in_time_days": 36,
    "stream_hours": 23,
    "stream_shards": 0,
    "reconcile_hours": 169,
    "reconcile_rate": 0,
    "parallelization_factor": 0,
    "deletion_percent": 101,
}
REGIONS = ", ".join(IOT_REGIONS)
NAME = "a lower-case letter, then a-z, 0-9 and hyphens, no hyphen last, at most"
DIFFERENT = "expected 2 to 5 different regions"


def test_right_values_are_taken_by_a_module_with_all_variables(judge: Judge) -> None:
    assert judge.refusals(VARIABLES, BASE) == []


def test_a_module_refuses_values_in_the_words_of_the_settings(judge: Judge) -> None:
    case = {**BASE, **WRONG}
    result = map(finding, refusals(case, zone={"id": case["zone_id"]}))
    words = {str(steps[-1]): words for steps, _, words in result}
    assert words.keys() == WRONG.keys()
    assert judge.refusals(VARIABLES, case) == sorted(
        f"The value of {name} {message}." for name, message in words.items()
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"environment": "all"}, f"environment is not allowed; expected {NAME} 12 characters, not"),
        ({"project": "a" * 21}, f"project has more than 20 characters; expected {NAME} 20 char"),
        ({"ttl": 1.5}, "ttl is not a whole number; expected 1 to 3600 seconds."),
        ({"zone_id": "0"}, "zone_id is not allowed; expected the id alone, Z and then capital"),
        ({"parent_zone_id": "manual"}, "parent_zone_id is not allowed; expected the id alone, Z"),
        ({"region": "eu-west-4"}, f"region is not a region with IoT Core; expected {REGIONS}."),
        ({"regions": ["eu-west-1"]}, f"regions is a list of another length; {DIFFERENT}."),
        ({"regions": ["eu-west-1"] * 2}, f"regions has a region twice; {DIFFERENT}."),
        (
            {"regions": ["eu-west-1", "eu-west-4"]},
            f"regions has a region without IoT Core; expected {REGIONS}.",
        ),
        (
            {"regions": ["eu-west-2", "eu-west-3"]},
            "regions lacks this region, which would then neither send nor apply changes; expected",
        ),
        (
            {"domain": f"{'a' * 53}.b"},
            "domain is too long for a certificate; expected 64 characters in *.iot-{environment}.{",
        ),
        (
            {"bucket_prefix": "a" * 45},
            "bucket_prefix has too many characters; expected 63 in {bucket_prefix}-{environment}-",
        ),
    ],
)
def test_a_refusal_shows_what_is_wrong_and_what_is_allowed(
    judge: Judge, changes: Case, said: str
) -> None:
    [refusal] = judge.refusals(VARIABLES, {**BASE, **changes})
    assert refusal.startswith(f"The value of {said}")
    assert refusal.endswith(".")


def test_what_a_lookahead_refuses_is_a_condition_of_its_own() -> None:
    assert list(conditions(r"(?!${)(?:a\.)+(?!b$|c$)[a-c]", "var.text")) == [
        r'can(regex("^(?:(?:a\\.)+[a-c])$", var.text))',
        r'!can(regex("^(?:$${)", var.text))',
        r'!can(regex("^(?:a\\.)+(?:b$|c$)", var.text))',
    ]


@pytest.mark.parametrize(
    ("pattern", "because"),
    [
        (r"a\d", r"'\\d'"),
        (r"\S(.*\S)?", r"'\\S'"),
        (r"(a)\1", r"'\\1'"),
        ("(?i)a", "'(?'"),
        ("(?=a)a", "'(?'"),
        ("(?!a(b))c", "'(?'"),
    ],
)
def test_a_pattern_that_terraform_cannot_have_is_refused(pattern: str, because: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"because of {because}")) as refused:
        list(conditions(pattern, "var.text"))
    assert repr(pattern) in str(refused.value)


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
