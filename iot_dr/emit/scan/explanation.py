"""Why a finding stays as it is, and what nobody has explained."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from iot_dr.emit.scan.checkov import Finding

EXPLAINED: Final = Path(__file__).with_name("explained.yaml")
"""The file of all explanations."""


class Explanation(BaseModel):
    """The reason why a check may fail in some places: `MODULE/TYPE.NAME`, with `*` for any text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: Annotated[str, Field(pattern=r"^CKV2?_[A-Z]+_\d+$")]
    where: Annotated[tuple[Annotated[str, Field(pattern=r"^\S+/\S+$")], ...], Field(min_length=1)]
    reason: Annotated[str, Field(pattern=r"^[A-Z].*\.$")]

    def covers(self, finding: Finding, where: str) -> bool:
        """Whether a finding is one of this check in one of the places."""
        return finding.check == self.check and fnmatchcase(finding.where, where)


def _in_order(explanations: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    for one, other in pairwise(explanations):
        if (one.check, one.where) >= (other.check, other.where):
            message = f"{other.check} {other.where[0]} stands below {one.check} {one.where[0]}"
            raise ValueError(f"{message}; sort by check and place, each once")
    return explanations


_EXPLANATIONS: Final = TypeAdapter(Annotated[tuple[Explanation, ...], AfterValidator(_in_order)])


def explanations(path: Path) -> tuple[Explanation, ...]:
    """Read the explanations, sorted by check; raises ValueError for what are none."""
    data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _EXPLANATIONS.validate_python(data)


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
