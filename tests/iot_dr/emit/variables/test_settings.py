import re
from collections import defaultdict

import pytest

from iot_dr.emit.contract import REQUIRED
from iot_dr.emit.variables.rules import with_cross_rules
from iot_dr.emit.variables.settings import SETTINGS
from tests.iot_dr.emit.variables.cases import BASE, cases, is_taken
from tests.iot_dr.emit.variables.judge import Case, Judge, Question

VARIABLES = with_cross_rules(SETTINGS.values())


def _names(condition: str) -> set[str]:
    return set(re.findall(r"\bvar\.(\w+)", condition))


def _question(changed: tuple[str, ...], asked: list[Case]) -> Question:
    every = [rule.condition for variable in VARIABLES for rule in variable.validations]
    # All others are about values of the base, which are right.
    conditions = [each for each in every if _names(each) & set(changed)]
    names = {name for each in conditions for name in _names(each)}
    return Question(
        types={name: SETTINGS[name].type for name in names},
        conditions=conditions,
        cases=[{name: case[name] for name in names} for case in asked],
    )


def test_variables_take_exactly_what_the_settings_take(judge: Judge) -> None:
    asked: defaultdict[tuple[str, ...], list[Case]] = defaultdict(list)
    for changed, case in cases():
        asked[changed].append(case)
    questions = {"_and_".join(names): _question(names, some) for names, some in asked.items()}
    answers = judge.verdicts(questions)
    for names, some in asked.items():
        verdicts = answers["_and_".join(names)]
        both = zip(some, verdicts, strict=True)
        assert [(case, is_it) for case, is_it in both if is_it is not is_taken(case)] == []
        assert set(verdicts) == {True, False}, names


def test_there_is_a_variable_for_each_setting_that_a_module_may_ask_for() -> None:
    assert SETTINGS.keys() == BASE.keys()
    assert all(name == variable.name for name, variable in SETTINGS.items())
    assert all(variable.description for variable in SETTINGS.values())


@pytest.mark.parametrize(
    ("name", "kind", "default"),
    [
        ("project", "string", REQUIRED),
        ("label", "string", "mqtt"),
        ("ttl", "number", 60),
        ("interval", "number", 30),
        ("fail_back", "string", "latched"),
        ("regions", "list(string)", REQUIRED),
        ("primary_region", "string", "eu-west-1"),
        ("zone_id", "string", REQUIRED),
    ],
)
def test_type_and_default_are_those_of_the_setting(name: str, kind: str, default: object) -> None:
    variable = SETTINGS[name]
    assert (variable.type, variable.default, variable.nullable) == (kind, default, False)


@pytest.mark.parametrize("name", ["parent_zone_id", "account_id", "region", "bucket_prefix"])
def test_a_module_may_go_without_a_parent_zone_and_what_providers_say(name: str) -> None:
    variable = SETTINGS[name]
    assert (variable.type, variable.default, variable.nullable) == ("string", None, True)


def test_only_rules_whose_variables_are_both_there_are_added() -> None:
    def added(*names: str) -> list[str]:
        alone = [SETTINGS[name] for name in names]
        pairs = zip(alone, with_cross_rules(alone), strict=True)
        return [one.name for one, other in pairs if one != other]

    assert added("domain", "bucket_prefix", "regions") == []
    assert added("environment", "domain", "bucket_prefix") == ["domain", "bucket_prefix"]
    assert added("regions", "region") == ["regions"]
