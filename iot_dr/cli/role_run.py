"""The work of `iot-dr role plan`."""

import os
import time
from dataclasses import dataclass
from functools import partial
from typing import Final

import typer

from environments.loader import PRIMARY_REGION, load_alone
from environments.regions import nearest
from environments.settings import Settings
from iot_dr.cli.failure import failures
from iot_dr.cli.progress import Progress
from iot_dr.cli.role_report import RoleReport
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.planning import Listeners
from iot_dr.delivery.session import Limits
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.operate.role.change_of_primary import ChangeOfPrimary
from iot_dr.operate.role.planning import RoleRequest, planned_change
from iot_dr.terraform.schedule import Done
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_FAILED: Final = 1


@dataclass(frozen=True, kw_only=True)
class RoleOptions:
    """The options of the command line; `timeout` in seconds."""

    to: str
    environment: str
    provider: str | None
    jobs: int
    timeout: float
    as_json: bool


def run(options: RoleOptions) -> int:
    """Plan, print, and give the exit status: 0, or 1 for a failure and for what is refused.

    Raises UsageError when the region cannot become the primary.
    """
    start = time.monotonic()
    now, then = _settings(options)
    provider = Provider.chosen(options.provider, options.environment, os.environ)
    limits = Limits(jobs=options.jobs, timeout=options.timeout)
    request = RoleRequest(now=now, then=then, provider=provider, limits=limits)
    progress = Progress(platform_graph(then).nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned_change(request, listeners) as (session, outcomes):
        unlock = partial(unlock_command, options.environment, provider.value)
        told = list(failures(session, outcomes, unlock))
    plans = [outcome.result for outcome in outcomes if isinstance(outcome, Done)]
    if told:
        typer.echo("\n" + "\n\n".join(told), err=True)
        return _FAILED
    change = ChangeOfPrimary(now=now, then=then, plans=plans)
    report = RoleReport(change, provider, time.monotonic() - start)
    typer.echo(report.json() if options.as_json else report.text())
    if change.refusals:
        typer.echo(f"\n{report.refusal}", err=True)
        return _FAILED
    return 0


def _settings(options: RoleOptions) -> tuple[Settings, Settings]:
    """Give the settings as the file has them, and with the other primary."""
    file, to = f"{options.environment}.yaml", options.to
    now = load_alone(options.environment, {**os.environ, PRIMARY_REGION: ""})
    overridden = os.environ.get(PRIMARY_REGION, "")
    if to not in now.regions:
        hint = nearest(to, now.regions)
        there = f"{hint} " if hint else ""
        raise UsageError(f"--to {to}: is no region of {file}; {there}{_listed(now)}")
    if to == now.primary_region:
        raise UsageError(f"--to {to}: is the primary of {file} already; {_listed(now)}")
    if overridden not in {"", to, now.primary_region}:
        raise UsageError(
            f"{PRIMARY_REGION}: {overridden!r} is neither the primary of {file},"
            f" {now.primary_region}, nor --to {to}; unset it: the change begins with the file"
        )
    return now, load_alone(options.environment, {**os.environ, PRIMARY_REGION: to})


def _listed(settings: Settings) -> str:
    return (
        f"the primary is {settings.primary_region}, the others are {', '.join(settings.standbys)}"
    )
