"""`iot-dr registry sync`: reconciles regions with the registry table now."""

from typing import Annotated, Final

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.registry.status import status_document, status_lines
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.status import StatusReader
from iot_dr.operate.registry.sync import Sync, SyncClock, SyncProgress

_LIMITS: Final = CallLimits(connect=2, read=5, attempts=2)
_HOURS: Final = 24.0


class NotStartedError(UserError):
    """No region's function could be started."""


def sync(
    regions: Annotated[
        list[str] | None,
        typer.Argument(help="Regions of the environment; all if omitted.", metavar="[REGION]..."),
    ] = None,
    env: EnvironmentOption = "dev",
    timeout: Annotated[
        float, typer.Option(help="Maximum seconds to watch.", min=1, metavar="N")
    ] = 3600.0,
    as_json: JsonOption = False,
) -> None:
    """Reconcile regions with the registry table now, and watch until they agree.

    Starts the function that also runs on a schedule, and waits until no message is queued for a
    minute and no change is pending, which a scan of the table shows. Exit 0 then, 3 if something is
    dead-lettered or left after --timeout, 1 if a region's function cannot be started, 2 for a usage
    error.

    Example: iot-dr registry sync eu-central-1 --env dev
    """
    settings, named = load_without_cross_checks(env), tuple(regions or ())
    refuse_foreign(settings, named)
    reader = StatusReader.of(settings)
    wanted = Sync(
        settings=settings,
        regions=named or settings.regions,
        clients=Clients(settings.deploy_role_arn, _LIMITS),
        read=lambda: reader.read(_HOURS),
        queues=reader.queues,
        waits=SyncClock(),
    )
    raise typer.Exit(run(wanted, timeout, as_json=as_json))


def run(sync: Sync, timeout: float, *, as_json: bool) -> int:
    """Start the functions, watch, and print the result; return the exit status."""
    env, failed = sync.settings.environment, sync.start()
    for region, error in failed.items():
        echo(f"{region}: not started: {error}", err=True)
    if len(failed) == len(sync.regions):
        raise NotStartedError("no region's function could be started, for the reasons above")
    last = _watched(sync, timeout)
    status = last.status or sync.read()
    is_given_up = any(status.rows.regions[each].dead_letter_count for each in sync.regions)
    left = ExitStatus.NOT_GOOD if is_given_up or not last.is_settled else 0
    exit_status = ExitStatus.FAILED if failed else left
    if as_json:
        problems = {region: str(error) for region, error in failed.items()}
        document = {**status_document(env, status), "not_started": problems}
        print_document("registry sync", document, exit_status, env)
    else:
        echo("\n".join(status_lines(env, status)))
    return exit_status


def _watched(sync: Sync, timeout: float) -> SyncProgress:
    """Print each check, and return the last one."""
    checks = sync.watch(timeout)
    last = next(checks)
    _print_progress(last)
    for last in checks:
        _print_progress(last)
    return last


def _print_progress(progress: SyncProgress) -> None:
    pending = "" if progress.outstanding is None else f", {progress.outstanding} pending"
    echo(f"{progress.seconds:.0f} s: {progress.messages} messages{pending}", err=True)
