"""The work of `iot-dr rto`."""

import json
from typing import Final

import typer

from environments.selection import load_all
from iot_dr.cli.rto_report import RtoReport
from iot_dr.cli.rto_text import text

_TOO_LATE: Final = 3


def run(environment: str, *, as_json: bool) -> int:
    """Print a report for each environment; give the exit status: 0, or 3 when one is too late."""
    reports = [RtoReport.of(settings) for settings in load_all(environment)]
    if as_json:
        typer.echo(json.dumps([report.document() for report in reports], indent=2))
    else:
        typer.echo("\n\n".join(text(report) for report in reports))
    return _TOO_LATE if any(report.is_too_late for report in reports) else 0
