"""`make scan`: emits every module, and lets checkov judge them."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from iot_dr.common.project import ROOT
from iot_dr.common.user_error import UserError
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from iot_dr.emit.scan.checkov import Report, ScanError, scanned
from iot_dr.emit.scan.explanation import EXPLAINED, Judgement, explanations, judged


def main(arguments: Sequence[str]) -> int:
    """Emit, scan with the program that is named, and print; return the exit status."""
    (program,) = arguments
    try:
        report = _scanned(Path(program))
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.status
    judgement = judged(report.findings, explanations(EXPLAINED))
    sys.stdout.write(_table(report))
    sys.stdout.write(_verdict(report, judgement))
    return 1 if judgement.lines else 0


def _scanned(program: Path) -> Report:
    with TemporaryDirectory(prefix="iot-dr-modules-") as name:
        folder = Path(name, "dist")
        modules = emit(CATALOGUE, folder, force=False)
        report = scanned(folder, program)
    missing = {each.contract.name for each in modules if each.contract.resources} - report.judged
    if missing:
        raise ScanError(f"checkov judged nothing of {', '.join(sorted(missing))}")
    return report


def _table(report: Report) -> str:
    asked = {each.check: each.asks for each in report.findings}
    counts = Counter(each.check for each in report.findings)
    return "".join(f"{check:12} {counts[check]:3}  {asks}\n" for check, asks in asked.items())


def _verdict(report: Report, judgement: Judgement) -> str:
    lines = judgement.lines
    found = f"checkov {report.version}: {len(report.findings)} findings"
    if not lines:
        return f"{found}, each explained in {EXPLAINED.relative_to(ROOT)}\n"
    listed = "\n".join(lines)
    return f"{listed}\n{found}, {len(lines)} to mend, there or in {EXPLAINED.relative_to(ROOT)}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
