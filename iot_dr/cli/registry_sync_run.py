"""The work of `iot-dr registry sync`."""

import json

import typer

from environments.loader import load_alone
from iot_dr.cli.registry_status_report import status_json, status_lines
from iot_dr.observe.aws.clients import Clients, Limits
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.status import StatusReader
from iot_dr.operate.registry.sync import Progress, Sync, Waits

_LEFT = 3
_LIMITS = Limits(connect=2, read=5, attempts=2)
_HOURS = 24.0


def run(
    environment: str,
    regions: tuple[str, ...],
    timeout: float,
    *,
    as_json: bool,
    waits: Waits | None = None,
) -> int:
    """Start, watch and print; give the exit status: 0 nothing left, 3 something, 1 not started."""
    settings = load_alone(environment)
    refuse_foreign(settings, regions)
    reader = StatusReader.of(settings)
    sync = Sync(
        settings=settings,
        regions=regions or settings.regions,
        clients=Clients(settings.deploy_role_arn, _LIMITS),
        read=lambda: reader.read(_HOURS),
        waits=waits or Waits(),
    )
    failed = sync.start()
    for region, error in failed.items():
        typer.echo(f"{region}: not started: {error}", err=True)
    if len(failed) == len(sync.regions):
        return 1
    look = _watched(sync, timeout)
    if as_json:
        told = json.loads(status_json(environment, look.status))
        problems = {region: str(error) for region, error in failed.items()}
        typer.echo(json.dumps({**told, "not_started": problems}, indent=2))
    else:
        typer.echo("\n".join(status_lines(environment, look.status)))
    parked = any(look.status.rows.regions[each].parked_count for each in sync.regions)
    return 1 if failed else _LEFT if parked or not look.is_settled else 0


def _watched(sync: Sync, timeout: float) -> Progress:
    """Tell each look as it comes, and give the last one."""
    looks = sync.watch(timeout)
    last = next(looks)
    _tell(last)
    for last in looks:
        _tell(last)
    return last


def _tell(look: Progress) -> None:
    typer.echo(
        f"{look.seconds:.0f} s: {look.outstanding} to take over, {look.messages} messages",
        err=True,
    )
