"""Findings as text for people and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from iot_dr.common.plain_text import plain
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict

_SET = "all stacks together"


def text(judgement: Judgement) -> str:
    """Return the findings stack by stack, the worst first, and those that are accepted."""
    return "\n".join(_lines(judgement))


def summary(judgement: Judgement) -> str:
    """Count the findings in one line that begins with the verdict."""
    counts = [
        f"{number} to {what}"
        for verdict, what in ((Verdict.BLOCK, "mend"), (Verdict.WARN, "look at"))
        if (number := sum(each.verdict is verdict for each in judgement.findings))
    ]
    if judgement.suppressed:
        counts.append(f"{len(judgement.suppressed)} suppressed")
    return f"{judgement.verdict.value}: {', '.join(counts) or 'nothing found'}"


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object, the same in every document."""
    return {
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "stack": finding.stack,
        "address": finding.address,
        "message": finding.message,
    }


def _lines(judgement: Judgement) -> Iterator[str]:
    for stack, findings in _by_stack(judgement.findings):
        yield plain(stack or _SET)
        for finding in findings:
            yield f"  {finding.verdict.value:<5}  {_told(finding)}"
    if judgement.suppressed:
        yield "suppressed"
        for suppressed in judgement.suppressed:
            where = plain(suppressed.finding.stack or _SET)
            yield f"  {where}: {_told(suppressed.finding)}"
            yield f"    because: {plain(suppressed.reason)}"


def _told(finding: Finding) -> str:
    lead = f"{plain(finding.address)}: " if finding.address else ""
    return f"{lead}{plain(finding.message)} [{finding.rule}]"


def _by_stack(findings: Sequence[Finding]) -> list[tuple[str | None, list[Finding]]]:
    grouped: dict[str | None, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.stack, []).append(finding)
    return list(grouped.items())
