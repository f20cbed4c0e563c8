"""`iot-dr plan`: the planned changes of an environment, stack by stack."""

import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import load
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    JOBS,
    TIMEOUT,
    EnvironmentOption,
    JobsOption,
    JsonOption,
    ProviderOption,
    TimeoutOption,
    given_path,
    make_out_folder,
)
from iot_dr.cli.outcomes import PlanReport, StackProgress, failures
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UserError
from iot_dr.delivery.plan_folder_writer import PlansNotWrittenError
from iot_dr.delivery.planning import PlanListeners, PlanRequest, WaveRequest, planned
from iot_dr.delivery.region_change import change_of_plan
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.terraform.terraform import LOCK_WAIT
from iot_dr.terraform_json.provider_choice import Provider


def plan(  # noqa: PLR0913, PLR0917 - each is an option of the command
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    base: Annotated[
        str | None,
        typer.Option(help="Show the changes since this commit (stand-in only).", metavar="REF"),
    ] = None,
    wave: Annotated[
        int | None,
        typer.Option(
            help="Plan only this wave, on the current states; `iot-dr apply` applies the plans.",
            min=0,
            metavar="N",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Save plan files and their JSON here; sensitive values are in clear text.",
            parser=given_path,
            metavar="DIR",
        ),
    ] = None,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when something would change.")
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Print a line for each stack, without its changes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Plan every stack of an environment, in dependency order.

    With the stand-in provider, stacks whose outputs other stacks read are also applied, in a
    throwaway sandbox, so that plans contain the real outputs. With --wave it plans on the sandbox
    that `iot-dr sandbox` and `iot-dr deploy` keep, and applies nothing.

    Example: iot-dr plan --env dev --out plans
    """
    start = time.monotonic()
    settings, chosen = load(env), Provider.select(provider, env, os.environ)
    kept = sandbox_folder(env) if wave is not None else None
    change = change_of_plan(settings, chosen, base, kept)
    for line in change.lines():
        echo(line, err=as_json)
    request = PlanRequest(
        settings=change.settings,
        provider=chosen,
        limits=RunLimits(jobs=jobs, timeout=timeout),
        base=base,
        keep=out,
        wave=None
        if wave is None
        else WaveRequest(number=wave, sandbox=sandbox_folder(env), lock_wait=LOCK_WAIT),
    )
    report, failed = _planned(request, start, change.words)
    changed = ExitStatus.CHANGES if detailed_exitcode and report.has_changes else 0
    exit_status = ExitStatus.FAILED if report.has_failures else changed
    if as_json:
        print_document("plan", report.document(), exit_status, env)
    else:
        echo(report.text(is_summary=summary))
    for failure in failed:
        echo(f"\n{failure}", err=True)
    raise typer.Exit(exit_status)


def _planned(
    request: PlanRequest, start: float, steps: Sequence[str]
) -> tuple[PlanReport, list[str]]:
    """Return the report and the failures; check the folder of --out before planning.

    Raises UsageError if that is not writable, and UserError if the plans cannot be kept there.
    """
    if request.keep:
        make_out_folder(request.keep)
    progress = StackProgress(request.graph.nodes, stays=False, done="planned")
    listeners = PlanListeners(on_phase=progress.phase, on_outcome=progress.outcome)
    unlock = partial(unlock_command, request.settings.environment, request.provider.value)
    try:
        with progress.shown(), planned(request, listeners) as made:
            failed = list(failures(made.session, made.outcomes, unlock))
    except PlansNotWrittenError as error:
        raise UserError(f"--out {error}") from None
    seconds = time.monotonic() - start
    return PlanReport(request.provider, made.outcomes, seconds, made.dropped, steps), failed
