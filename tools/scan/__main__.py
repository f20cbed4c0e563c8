"""`make scan`: emits every module and scans it with checkov."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from iot_dr.common.project import ROOT
from iot_dr.common.user_error import UserError
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from tools.scan.checkov import Report, ScanError, scan
from tools.scan.explanation import EXPLAINED, Judgement, compare, explanations


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
