"""Findings that an environment accepts, with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from iot_dr.design.expectation import AcceptedRule
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at

UNUSED: Final = "unused-suppression"
"""The id of findings about suppressions, which cannot be suppressed."""

_LONGEST_REASON: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A suppressed finding, and the reason."""

    finding: Finding
    reason: str


def split_suppressed(
    findings: Iterable[Finding], suppressions: Sequence[AcceptedRule]
) -> tuple[list[Finding], list[Suppressed]]:
    """Split findings into reported and suppressed ones; a rule's first suppression counts."""
    reasons: dict[str, str] = {}
    for suppression in suppressions:
        reasons.setdefault(suppression.rule, suppression.reason)
    reported: list[Finding] = []
    accepted: list[Suppressed] = []
    for finding in findings:
        if finding.rule in reasons:
            accepted.append(Suppressed(finding=finding, reason=reasons[finding.rule]))
        else:
            reported.append(finding)
    return reported, accepted


def unused(
    suppressions: Sequence[AcceptedRule],
    accepted: Iterable[Suppressed],
    rules: Sequence[Rule],
    *,
    has_plans: bool,
    is_whole: bool,
) -> list[Finding]:
    """Return findings about suppressions that are duplicates, of unknown rules, or without effect.

    A suppression without effect is not reported if its rule needs a plan and there is none, or if a
    stack is missing.
    """
    used = {each.finding.rule for each in accepted}
    by_id = {rule.id: rule for rule in rules}
    seen: set[str] = set()
    findings: list[Finding] = []
    for suppression in suppressions:
        rule = by_id.get(suppression.rule)
        waits = rule is not None and (not is_whole or (rule.needs_plan and not has_plans))
        is_twice = suppression.rule in seen
        if is_twice or not (suppression.rule in used or waits):
            findings.append(_finding(suppression, is_twice=is_twice, known=by_id))
        seen.add(suppression.rule)
    return findings


def _finding(suppression: AcceptedRule, *, is_twice: bool, known: Iterable[str]) -> Finding:
    reason = repr(suppression.reason)
    shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 3]}..."
    lead = f"the suppression of {suppression.rule} ({shown})"
    if is_twice:
        message = f"{lead} is the second one for that rule; remove one of them"
    elif suppression.rule not in known:
        from difflib import get_close_matches  # noqa: PLC0415 - slow, and only a mistake needs it

        similar = get_close_matches(suppression.rule, known, n=1)
        hint = f"did you mean {similar[0]!r}? " if similar else ""
        message = f"{lead} is for an unknown rule; {hint}`iot-dr check --rules` lists the rules"
    else:
        message = f"{lead} has no effect; remove it from the settings"
    return finding_at(None, UNUSED, message, Verdict.WARN)
