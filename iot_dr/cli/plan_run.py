"""The work of `iot-dr plan`."""

import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer

from environments.loader import load
from iot_dr.cli.failure import failures
from iot_dr.cli.given_path import made_folder
from iot_dr.cli.plan_report import PlanReport
from iot_dr.cli.progress import Progress
from iot_dr.common.user_error import UserError
from iot_dr.delivery.kept_plans import UnkeptPlansError
from iot_dr.delivery.planning import Listeners, PlanRequest, Wave, planned
from iot_dr.delivery.sandboxing import sandbox_folder
from iot_dr.delivery.session import Limits
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.terraform_json.provider_choice import Provider

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
    """Plan, print, and give the exit status: 0, 1 for a failure, 2 for changes if asked for.

    Raises UserError for what the user can mend, a folder that cannot be written before anything
    is planned.
    """
    start = time.monotonic()
    request = _request(options)
    unlock = partial(unlock_command, options.environment, request.provider.value)
    progress = Progress(request.graph.nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    if request.keep:
        made_folder(request.keep)
    try:
        with progress.shown(), planned(request, listeners) as (session, outcomes):
            told = list(failures(session, outcomes, unlock))
    except UnkeptPlansError as error:
        raise UserError(f"--out {error}") from None
    report = PlanReport(request.provider, outcomes, time.monotonic() - start)
    typer.echo(report.json() if options.as_json else report.text())
    for failure in told:
        typer.echo(f"\n{failure}", err=True)
    if report.has_failures:
        return _FAILED
    return _CHANGED if options.detailed_exitcode and report.has_changes else 0


def _request(options: PlanOptions) -> PlanRequest:
    settings = load(options.environment)
    provider = Provider.chosen(options.provider, options.environment, os.environ)
    wave = (
        Wave(number=options.wave, sandbox=sandbox_folder(options.environment))
        if options.wave is not None
        else None
    )
    return PlanRequest(
        settings=settings,
        provider=provider,
        limits=Limits(jobs=options.jobs, timeout=options.timeout),
        base=options.base,
        keep=options.keep,
        wave=wave,
    )
