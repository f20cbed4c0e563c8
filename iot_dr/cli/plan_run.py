"""The work of `iot-dr plan`."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import typer

from environments.loader import load
from iot_dr.cli.failure import failures
from iot_dr.cli.plan_report import PlanReport
from iot_dr.cli.progress import Progress
from iot_dr.planning import Listeners, PlanRequest, Wave, planned
from iot_dr.sandboxing import sandbox_folder
from iot_dr.terraform.provider_choice import Provider
from iot_dr.terraform.session import Limits

_FAILED = 1
_CHANGED = 2


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """The options of the command line."""

    environment: str
    provider: str | None
    base: str | None
    wave: int | None
    keep: Path | None
    jobs: int
    timeout: float
    detailed_exitcode: bool
    as_json: bool


def run(options: PlanOptions) -> int:
    """Plan, print, and give the exit status: 0, 1 for a failure, 2 for changes if asked for."""
    start = time.monotonic()
    settings = load(options.environment)
    provider = Provider.chosen(options.provider, options.environment, os.environ)
    wave = (
        Wave(number=options.wave, sandbox=sandbox_folder(options.environment))
        if options.wave
        else None
    )
    request = PlanRequest(
        settings=settings,
        provider=provider,
        limits=Limits(jobs=options.jobs, timeout=options.timeout),
        base=options.base,
        keep=options.keep,
        wave=wave,
    )
    progress = Progress(request.graph.nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned(request, listeners) as (session, outcomes):
        told = list(failures(session, outcomes))
    report = PlanReport(provider, outcomes, time.monotonic() - start)
    typer.echo(report.json() if options.as_json else report.text())
    for failure in told:
        typer.echo(f"\n{failure}", err=True)
    if report.has_failures:
        return _FAILED
    return _CHANGED if options.detailed_exitcode and report.has_changes else 0
