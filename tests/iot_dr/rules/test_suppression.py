"""Suppressions without effect are reported."""

import dataclasses

import pytest

from iot_dr.design.expectation import AcceptedRule
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Finding, Rule, Verdict
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.terraform_json.designs import plan, resource_set

FOUND = Finding(rule="check-on-name", verdict=Verdict.BLOCK, stack="s", address="a.b", message="m")
FINDING = Rule(id="check-on-name", title="t", why="w", source="s", find=lambda _r, _s: [FOUND])
SILENT = Rule(id="two-owners", title="t", why="w", source="s", find=lambda _r, _s: [])


def judged(*ids: str, rules: tuple[Rule, ...] = (FINDING, SILENT)) -> Judgement:
    suppressions = [AcceptedRule(rule=each, reason="known here") for each in ids]
    return judge(ResourceSet([]), None, suppressions, rules)


def messages(judgement: Judgement) -> list[str]:
    return [each.message for each in judgement.findings if each.rule == "unused-suppression"]


def test_a_suppression_with_effect_is_not_reported() -> None:
    assert messages(judged("check-on-name")) == []


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (("two-owners",), "has no effect; remove it"),
        (("chek-on-name",), "is for an unknown rule; did you mean 'check-on-name'?"),
        (("xyz",), "is for an unknown rule; `iot-dr check --rules` lists the rules"),
        (("check-on-name", "check-on-name"), "is the second one for that rule"),
    ],
)
def test_a_suppression_that_does_nothing_is_a_warning(ids: tuple[str, ...], expected: str) -> None:
    (message,) = messages(judged(*ids))
    assert expected in message
    assert ids[-1] in message
    assert "known here" in message


def test_that_warning_cannot_be_suppressed() -> None:
    judgement = judged("unused-suppression")
    assert len(messages(judgement)) == 1
    assert judgement.suppressed == ()


def test_one_for_a_rule_that_needs_a_plan_is_unused_only_where_there_is_one() -> None:
    rules = (dataclasses.replace(SILENT, needs_plan=True),)
    accepted = [AcceptedRule(rule="two-owners", reason="moving the zone")]
    assert not judge(ResourceSet([]), None, accepted, rules).findings
    (unused,) = judge(resource_set(plan=plan()), None, accepted, rules).findings
    assert (unused.rule, unused.verdict) == ("unused-suppression", Verdict.WARN)


def test_where_a_stack_is_missing_only_what_is_wrong_in_itself_is_reported() -> None:
    accepted = [AcceptedRule(rule=each, reason="known here") for each in ("two-owners", "xyz")]
    rules = (FINDING, SILENT)
    result = judge(ResourceSet([]), None, accepted, rules, is_whole=False)
    (message,) = messages(result)
    assert "xyz" in message
