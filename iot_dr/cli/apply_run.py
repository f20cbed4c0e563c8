"""The work of `iot-dr apply`."""

import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.apply_report import ApplyReport
from iot_dr.cli.confirmation import ask_for_name
from iot_dr.cli.failure import failures
from iot_dr.cli.progress import Progress
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.apply.application import Application
from iot_dr.delivery.apply.kept import KeptPlans
from iot_dr.delivery.pipeline.variables import refuse_other_plans
from iot_dr.delivery.planning import Listeners
from iot_dr.delivery.session import Limits
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.generate.waves import only
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_FAILED = 1


@dataclass(frozen=True, kw_only=True)
class ApplyOptions:
    """The options of the command line; `timeout` in seconds."""

    environment: str
    provider: str | None
    plans: Path
    wave: int | None
    review: Path | None
    plans_sha256: str | None
    yes: bool
    jobs: int
    timeout: float
    as_json: bool


def run(options: ApplyOptions) -> int:
    """Apply, print, and give the exit status: 0, or 1 when a stack failed or still waits.

    Raises UserError before anything is applied, for plans that must not be applied here.
    """
    start = time.monotonic()
    settings = load(options.environment)
    _refuse_other_plans(options)
    application = _application(options, settings)
    names = [each.name for each in application.stacks]
    if options.review is not None:
        # Reading and judging plans takes a while to load.
        from iot_dr.delivery.apply.same_review import refuse_other_review  # noqa: PLC0415 - see above

        refuse_other_review(options.plans, settings, options.review)
    if names and application.provider is Provider.AWS and not options.yes:
        ask_for_name(options.environment, "changed as these plans say", "--yes")
    if not options.as_json:
        typer.echo(application.provider.changing(settings.account_id))
    unlock = partial(unlock_command, options.environment, application.provider.value)
    progress = Progress(only(platform_graph(settings), names).nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), application.applied(listeners) as (session, outcomes):
        told = list(failures(session, outcomes, unlock))
    seconds = time.monotonic() - start
    report = ApplyReport(options.environment, options.wave, outcomes, seconds)
    typer.echo(report.json() if options.as_json else report.text())
    for failure in told:
        typer.echo(f"\n{failure}", err=True)
    return 0 if report.is_whole else _FAILED


def _refuse_other_plans(options: ApplyOptions) -> None:
    if options.plans_sha256 is None:
        return
    if options.review is None:
        raise UsageError("--plans-sha256: is of plans and their review; name that by --review")
    refuse_other_plans(options.plans, options.review, options.plans_sha256)


def _application(options: ApplyOptions, settings: Settings) -> Application:
    return Application(
        settings=settings,
        provider=Provider.chosen(options.provider, options.environment, os.environ),
        plans=KeptPlans.read(options.plans),
        wave=options.wave,
        limits=Limits(jobs=options.jobs, timeout=options.timeout),
        warn=lambda told: typer.echo(f"warning: {told}", err=True),
    )
