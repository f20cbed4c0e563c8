"""A review as SARIF, for code scanning."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iot_dr.review.impact.review import Review
from iot_dr.rules.findings import with_reasons
from iot_dr.rules.rule import Finding, Verdict, worst
from iot_dr.rules.sarif import REVIEW, SarifResult, sarif
from iot_dr.terraform_json.source_location import SourceLocation, SourceLocations


def log(review: Review, settings: Path | None) -> dict[str, Any]:
    """Return the findings and the changes that matter to devices, as bad as the verdict.

    Those of plans that iot-dr made are located in `settings`, the file of their environment.
    """
    files = {stack: SourceLocations((file,)) for stack, file in review.files.items()}
    everywhere = next((each.of(None) for each in files.values()), None)
    nowhere = SourceLocation(settings or Path("plan.json"), 1)

    def located(finding: Finding, reason: str = "") -> SarifResult:
        stack = files.get(finding.stack or "")
        at = stack.of(finding.address) if stack else everywhere or nowhere
        return SarifResult(finding, at, reason)

    results = [located(*each) for each in with_reasons(review.judgement)]
    results += map(located, _of_changes(review))
    if worst(each.finding.verdict for each in results if not each.reason) != review.verdict:
        results.append(located(_finding(review.verdict, None, None, review.reason)))
    return sarif("review", results, review.notes)


def _of_changes(review: Review) -> Iterator[Finding]:
    """Yield what no rule finds: changes that matter to devices, and missing plans."""
    for change in review.device_changes:
        if change.verdict is not worst(finding.verdict for finding in change.findings):
            where = change.change.stack, change.change.address
            yield _finding(change.verdict, *where, f"{change.subject}: {change.why}")
    for stack in review.stacks:
        if stack.status in {"failed", "incomplete"}:
            yield _finding(Verdict.BLOCK, stack.name, None, stack.problem)


def _finding(verdict: Verdict, stack: str | None, address: str | None, message: str) -> Finding:
    return Finding(rule=REVIEW, verdict=verdict, stack=stack, address=address, message=message)
