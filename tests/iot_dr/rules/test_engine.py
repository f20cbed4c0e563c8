"""The engine: which rules run, in which order what they found comes, and what it weighs."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.design.expectation import AcceptedRule, DesignExpectation
from iot_dr.generate.expectation import design_expectation
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Finding, Rule, Verdict
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.settings import settings


def finding(
    rule: str, verdict: Verdict, stack: str | None = None, address: str | None = None
) -> Finding:
    return Finding(rule=rule, verdict=verdict, stack=stack, address=address, message="m")


def rule(id_: str, *findings: Finding, needs_plan: bool = False) -> Rule:
    return Rule(
        id=id_, title="t", why="w", source="s", needs_plan=needs_plan, find=lambda _r, _s: findings
    )


FINDINGS = st.builds(
    finding,
    st.sampled_from(["a", "b"]),
    st.sampled_from([Verdict.WARN, Verdict.BLOCK]),
    st.sampled_from([None, "one", "two"]),
    st.sampled_from([None, "aws_x.y", "aws_x.z"]),
)


@given(st.lists(FINDINGS, max_size=12), st.randoms())
def test_findings_come_worst_first_and_in_one_order_whatever_found_them_first(
    result: list[Finding], random: Random
) -> None:
    shuffled = list(result)
    random.shuffle(shuffled)
    first, second = (
        judge(ResourceSet([]), None, rules=[rule("a", *each)]) for each in (result, shuffled)
    )
    assert first == second
    weights = [each.verdict is Verdict.WARN for each in first.findings]
    assert weights == sorted(weights)
    assert set(first.findings) == set(result)
    assert len(first.findings) == len(set(result))


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [([], "ok"), (["warn"], "warn"), (["warn", "block", "warn"], "block"), (["ok"], "ok")],
)
def test_the_verdict_is_that_of_the_worst_finding(verdicts: list[str], worst: str) -> None:
    findings = [finding("a", Verdict(each), address=str(n)) for n, each in enumerate(verdicts)]
    assert judge(ResourceSet([]), None, rules=[rule("a", *findings)]).verdict.value == worst


def test_a_suppressed_finding_does_not_affect_the_verdict_and_is_reported_with_its_reason() -> None:
    result = finding("a", Verdict.BLOCK)
    accepted = AcceptedRule(rule="a", reason="until June")
    judgement = judge(ResourceSet([]), None, [accepted], [rule("a", result)])
    assert judgement.findings == ()
    assert [(each.finding, each.reason) for each in judgement.suppressed] == [
        (result, "until June")
    ]
    assert judgement.verdict is Verdict.OK


def test_rules_get_the_expectation_and_the_resources() -> None:
    resources, environment = ResourceSet([]), design_expectation(settings())
    received: list[tuple[ResourceSet, DesignExpectation | None]] = []

    def find(seen: ResourceSet, chosen: DesignExpectation | None) -> list[Finding]:
        received.append((seen, chosen))
        return []

    judge(resources, environment, rules=[Rule(id="a", title="t", why="w", source="s", find=find)])
    assert received == [(resources, environment)]


def test_the_catalogue_has_each_rule_of_the_design_once_with_why_and_source() -> None:
    ids = [each.id for each in RULES]
    assert len(ids) == len(set(ids)) == 28
    for catalogued in RULES:
        assert catalogued.title
        assert catalogued.why.endswith(".")
        assert "." in catalogued.source


def test_no_resources_give_no_findings() -> None:
    assert judge(ResourceSet([]), None).findings == ()
