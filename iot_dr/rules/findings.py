"""Findings as text and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from iot_dr.common.plain_text import plain
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict

_SET = "all stacks"


def text(judgement: Judgement) -> str:
    """Return the findings by stack, worst first, then the suppressed ones."""
    return "\n".join(_lines(judgement))


def summary(judgement: Judgement) -> str:
    """Return the verdict and the counts, e.g. `block: 13 errors, 2 warnings`."""
    counts = [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for verdict, noun in ((Verdict.BLOCK, "error"), (Verdict.WARN, "warning"))
        if (number := sum(finding.verdict is verdict for finding in judgement.findings))
    ]
    if judgement.suppressed:
        counts.append(f"{len(judgement.suppressed)} suppressed")
    return f"{judgement.verdict.value}: {', '.join(counts) or 'no findings'}"


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object."""
    return {
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "stack": finding.stack,
        "address": finding.address,
        "message": finding.message,
    }


def with_reasons(judgement: Judgement) -> tuple[tuple[Finding, str], ...]:
    """Return all findings, the suppressed ones last and with their reasons."""
    suppressed = ((each.finding, each.reason) for each in judgement.suppressed)
    return (*((finding, "") for finding in judgement.findings), *suppressed)


def _lines(judgement: Judgement) -> Iterator[str]:
    for stack, findings in _by_stack(judgement.findings):
        yield plain(stack or _SET)
        for finding in findings:
            yield f"  {finding.verdict.value:<5}  {_line(finding)}"
    if judgement.suppressed:
        yield "suppressed"
        for suppressed in judgement.suppressed:
            where = plain(suppressed.finding.stack or _SET)
            yield f"  {where}: {_line(suppressed.finding)}"
            yield f"    reason: {plain(suppressed.reason)}"


def _line(finding: Finding) -> str:
    lead = f"{plain(finding.address)}: " if finding.address else ""
    return f"{lead}{plain(finding.message)} [{finding.rule}]"


def _by_stack(findings: Sequence[Finding]) -> list[tuple[str | None, list[Finding]]]:
    grouped: dict[str | None, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.stack, []).append(finding)
    return list(grouped.items())
