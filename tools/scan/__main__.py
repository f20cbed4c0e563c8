"""`make scan`: emits every module and scans it with checkov."""

import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from iot_dr.common.project import ROOT
from iot_dr.common.user_error import UserError
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from tools.scan.checkov import Finding, Report, ScanError, scan

EXPLAINED: Final = Path(__file__).with_name("explained.yaml")
"""The file of explanations."""


class Explanation(BaseModel):
    """The reason why a check may fail in some places: `MODULE/TYPE.NAME`, with wildcards `*`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: Annotated[str, Field(pattern=r"^CKV2?_[A-Z]+_\d+$")]
    where: Annotated[tuple[Annotated[str, Field(pattern=r"^\S+/\S+$")], ...], Field(min_length=1)]
    reason: Annotated[str, Field(pattern=r"^[A-Z].*\.$")]

    def covers(self, finding: Finding, where: str) -> bool:
        """Whether the explanation applies to a finding; `where` is one of its places."""
        return finding.check == self.check and fnmatchcase(finding.where, where)


def _in_order(explanations: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    for before, after in pairwise(explanations):
        if (before.check, before.where) >= (after.check, after.where):
            message = f"{after.check} {after.where[0]} is below {before.check} {before.where[0]}"
            raise ValueError(f"{message}; sort by check and place, each once")
    return explanations


_EXPLANATIONS: Final = TypeAdapter(Annotated[tuple[Explanation, ...], AfterValidator(_in_order)])


def explanations(path: Path) -> tuple[Explanation, ...]:
    """Read the explanations.

    Raises ValueError if they are invalid or not sorted, yaml.YAMLError for text that is not YAML.
    """
    data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _EXPLANATIONS.validate_python(data)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Findings without an explanation, and explained places without a finding."""

    unexplained: tuple[Finding, ...]
    stale: tuple[tuple[Explanation, str], ...]

    @property
    def lines(self) -> list[str]:
        """A line with the remedy for each; empty without any."""
        unexplained = [
            f"unexplained: {finding.check} {finding.where}: {finding.title}; fix the construct or"
            " add an explanation"
            for finding in self.unexplained
        ]
        stale = [
            f"stale: {explanation.check} {where}: no finding there; remove the explanation"
            for explanation, where in self.stale
        ]
        return unexplained + stale


def compare(findings: Collection[Finding], explanations: Sequence[Explanation]) -> Judgement:
    """Compare findings with explanations."""
    places = [(each, where) for each in explanations for where in each.where]
    return Judgement(
        unexplained=tuple(
            finding
            for finding in findings
            if not any(each.covers(finding, where) for each, where in places)
        ),
        stale=tuple(
            (explanation, where)
            for explanation, where in places
            if not any(explanation.covers(finding, where) for finding in findings)
        ),
    )


def main(arguments: Sequence[str]) -> int:
    """Emit, scan with the given program, and print; return the exit status."""
    (program,) = arguments
    try:
        report = _scanned(Path(program))
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.status
    judgement = compare(report.findings, explanations(EXPLAINED))
    sys.stdout.write(_table(report))
    sys.stdout.write(_verdict(report, judgement))
    return 1 if judgement.lines else 0


def _scanned(program: Path) -> Report:
    with TemporaryDirectory(prefix="iot-dr-modules-") as name:
        folder = Path(name, "dist")
        modules = emit(CATALOGUE, folder, force=False)
        report = scan(folder, program)
    missing = {each.contract.name for each in modules if each.contract.resources} - report.modules
    if missing:
        raise ScanError(f"checkov did not scan {', '.join(sorted(missing))}")
    return report


def _table(report: Report) -> str:
    titles = {each.check: each.title for each in report.findings}
    counts = Counter(each.check for each in report.findings)
    return "".join(f"{check:12} {counts[check]:3}  {asks}\n" for check, asks in titles.items())


def _verdict(report: Report, judgement: Judgement) -> str:
    lines = judgement.lines
    summary = f"checkov {report.version}: {len(report.findings)} findings"
    if not lines:
        return f"{summary}, each explained in {EXPLAINED.relative_to(ROOT)}\n"
    listed = "\n".join(lines)
    where = EXPLAINED.relative_to(ROOT)
    return f"{listed}\n{summary}, {len(lines)} problems; fix the modules or {where}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
