"""What nobody has explained, and what explains nothing any more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from iot_dr.emit.scan.explanation import Explanation
from iot_dr.emit.scan.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Findings without an explanation, and places of explanations without a finding."""

    unexplained: tuple[Finding, ...]
    stale: tuple[tuple[Explanation, str], ...]

    @property
    def lines(self) -> list[str]:
        """Say each in a line, with what to do; none when all is well."""
        unexplained = [
            f"unexplained: {each.check} {each.where}: {each.asks}; mend it in the construct, or"
            " say why it stays"
            for each in self.unexplained
        ]
        stale = [
            f"stale: {explanation.check} {where}: nothing is found there any more; take it out"
            for explanation, where in self.stale
        ]
        return unexplained + stale


def judged(findings: Collection[Finding], explanations: Sequence[Explanation]) -> Judgement:
    """Hold findings against explanations."""
    places = [(each, where) for each in explanations for where in each.where]
    return Judgement(
        unexplained=tuple(
            finding
            for finding in findings
            if not any(each.covers(finding, where) for each, where in places)
        ),
        stale=tuple(
            (each, where)
            for each, where in places
            if not any(each.covers(finding, where) for finding in findings)
        ),
    )
