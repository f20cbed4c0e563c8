"""Runs the rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from iot_dr.design.expectation import AcceptedRule, DesignExpectation
from iot_dr.rules.rule import Finding, Rule, Verdict, worst
from iot_dr.rules.suppression import Suppressed, split_suppressed, unused
from iot_dr.terraform_json.resource_set import ResourceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The findings, worst first, the suppressed ones, and sentences about what is not judged."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    not_judged: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the findings; `ok` if there are none."""
        return worst(each.verdict for each in self.findings)


def judge(
    resource_set: ResourceSet,
    expected: DesignExpectation | None = None,
    suppressions: Sequence[AcceptedRule] = (),
    rules: Sequence[Rule] | None = None,
    *,
    is_whole: bool = True,
) -> Judgement:
    """Run the rules, by default all; the order of the resources does not affect the result.

    `expected` is None for Terraform that no environment's settings describe. `is_whole` means that
    no stack of the environment is missing: otherwise a suppression may be for a missing stack, and
    none counts as unused.
    """
    if rules is None:
        from iot_dr.rules.catalogue import RULES  # noqa: PLC0415 - slow, also for `--help`

        rules = RULES
    findings = {each for rule in rules for each in rule.find(resource_set, expected)}
    reported, accepted = split_suppressed(sorted(findings, key=_order), suppressions)
    has_plans = any(stack.is_plan for stack in resource_set.stacks)
    reported += unused(suppressions, accepted, rules, has_plans=has_plans, is_whole=is_whole)
    not_judged = dict.fromkeys(each for rule in rules for each in rule.not_judged(resource_set))
    return Judgement(
        findings=tuple(sorted(reported, key=_order)),
        suppressed=tuple(accepted),
        not_judged=tuple(not_judged),
    )


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    return (
        -finding.verdict.severity,
        finding.stack or "",
        finding.rule,
        finding.address or "",
        finding.message,
    )
