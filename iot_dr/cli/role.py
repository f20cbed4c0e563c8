"""`iot-dr role`: the primary region."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

import typer

from environments.loader import PRIMARY_REGION, load_without_cross_checks
from environments.project import settings_file
from environments.regions import nearest
from environments.settings import Settings
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import (
    JOBS,
    TIMEOUT,
    EnvironmentOption,
    JobsOption,
    JsonOption,
    ProviderOption,
    TimeoutOption,
)
from iot_dr.cli.outcomes import StackProgress, failures, summary
from iot_dr.cli.text import columns, echo, filled
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.operate.role.change_of_primary import ChangeOfPrimary, regions_with_evaluated_switch
from iot_dr.operate.role.effects import (
    commands,
    effects,
    entry_point_command,
    rollback_command,
    setting,
)
from iot_dr.operate.role.planning import RoleRequest, planned_change
from iot_dr.operate.role.record import Lead, RecordChange
from iot_dr.terraform.schedule import Done
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_ARROW: Final = "->"


def plan(  # noqa: PLR0913, PLR0917 - one argument for each option
    to: Annotated[str, typer.Option(help="The region to become the primary.", metavar="REGION")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Plan an environment with another primary, and show the effects on devices.

    Nothing is applied. The comparison starts from the primary in the environment's file; with
    --provider aws from what is applied. Exit 0 if only the entry point would change, 1 if anything
    else would change or a stack cannot be planned, 2 for a usage error.

    Example: iot-dr role plan --to eu-central-1 --env dev
    """
    start = time.monotonic()
    now, then = _settings(env, to)
    request = RoleRequest(
        now=now,
        then=then,
        provider=Provider.select(provider, env, os.environ),
        limits=RunLimits(jobs=jobs, timeout=timeout),
    )
    progress = StackProgress(platform_graph(then).nodes)
    listeners = PlanListeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned_change(request, listeners) as (session, outcomes):
        unlock = partial(unlock_command, env, request.provider.value)
        problems = list(failures(session, outcomes, unlock))
    plans = [outcome.result for outcome in outcomes if isinstance(outcome, Done)]
    if problems:
        raise UserError("\n" + "\n\n".join(problems))
    change = ChangeOfPrimary(now=now, then=then, plans=plans)
    report = RoleReport(change, request.provider, time.monotonic() - start)
    exit_status = ExitStatus.FAILED if change.refusals else 0
    print_report("role plan", report, exit_status, env, as_json=as_json)
    if change.refusals:
        echo(f"\n{report.refusal}", err=True)
    raise typer.Exit(exit_status)


def _settings(environment: str, to: str) -> tuple[Settings, Settings]:
    """Return the settings with the file's primary, and with the new primary.

    Raises UsageError if the region cannot become the primary, or PRIMARY_REGION names a third one.
    """
    file = settings_file(environment)
    now = load_without_cross_checks(environment, {**os.environ, PRIMARY_REGION: ""})
    overridden = os.environ.get(PRIMARY_REGION, "")
    if to not in now.regions:
        hint = nearest(to, now.regions)
        suggestion = f"{hint} " if hint else ""
        raise UsageError(f"--to {to}: is not a region of {file}; {suggestion}{_listed(now)}")
    if to == now.primary_region:
        raise UsageError(f"--to {to}: is already the primary of {file}; {_listed(now)}")
    if overridden not in {"", to, now.primary_region}:
        raise UsageError(
            f"{PRIMARY_REGION}: {overridden!r} is neither the primary of {file},"
            f" {now.primary_region}, nor --to {to}; unset it, since the change starts from the file"
        )
    return now, load_without_cross_checks(environment, {**os.environ, PRIMARY_REGION: to})


def _listed(settings: Settings) -> str:
    return (
        f"the primary is {settings.primary_region}, the others are {', '.join(settings.standbys)}"
    )


@dataclass(frozen=True)
class RoleReport:
    """The report on a change of primary; `seconds` is how long planning took."""

    change: ChangeOfPrimary
    provider: Provider
    seconds: float

    @property
    def refusal(self) -> str:
        """The message with the unexpected changes and what to do."""
        change = self.change
        environment, now = change.now.environment, change.now.primary_region
        if self.provider is Provider.AWS:
            advice = (
                f"Something is not applied yet: with primary_region {now}, deploy {environment}"
                " first, then plan the change again."
            )
        else:
            advice = "Something else depends on the primary: find it in the stacks' code."
        unexpected = "\n".join(f"  {line}" for line in change.refusals)
        refused = "Refused: more than the entry point's records and watcher would change."
        return f"{refused}\n{unexpected}\n{advice}"

    def text(self) -> str:
        """Return the banner, the changes, the effects on devices, and the commands."""
        return "\n\n".join(self._parts())

    def document(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        change, provider = self.change, self.provider.value
        watcher = dict(zip(("before", "after"), change.watcher, strict=True))
        document = {
            "environment": change.then.environment,
            "provider": provider,
            "seconds": round(self.seconds, 3),
            "from": change.now.primary_region,
            "to": change.then.primary_region,
            "applied_primary": change.applied_primary,
            "verdict": "block" if change.refusals else "ok",
            "refusals": change.refusals,
            "stacks": [
                {
                    "name": plan.node.name,
                    "changes": Counter(each.action.value for each in plan.changes),
                }
                for plan in change.plans
            ],
            "records": [_row(record) for record in change.records],
            "unchanged_health_checks": change.unchanged_checks,
            "unchanged_alarms": change.unchanged_alarms,
            "watcher": watcher,
            "fail_back": change.then.recovery.fail_back,
            "switches_used": {
                "before": regions_with_evaluated_switch(change.now),
                "after": regions_with_evaluated_switch(change.then),
            },
            "regions_without_standby": change.without_standby,
            "ttl": change.then.endpoint.ttl,
            "setting": setting(change),
            "commands": commands(change, provider),
            "entry_point_command": entry_point_command(change),
            "rollback_command": rollback_command(change, provider),
        }
        return with_old_keys("role plan", document)

    def _parts(self) -> Iterator[str]:
        change = self.change
        yield self.provider.banner
        yield "\n".join(self._changes())
        yield _records(change)
        yield filled(
            f"Unchanged: {change.unchanged_checks} health checks and {change.unchanged_alarms}"
            " alarms of the entry point, including those of the switches."
        )
        if change.refusals:
            return
        yield from map(filled, effects(change))
        yield "\n".join(self._to_do())
        yield f"Planned in {self.seconds:.1f} s; nothing was changed."

    def _changes(self) -> Iterator[str]:
        change = self.change
        now, to = change.now.primary_region, change.then.primary_region
        yield f"{change.then.environment}: primary {now} {_ARROW} {to}"
        if change.applied_primary == to:
            yield f"  The applied records already lead to {to}."
        elif change.applied_primary not in {now, None}:
            yield f"  The applied records lead to {change.applied_primary}, not to {now}."
        for plan in change.plans:
            yield f"  {plan.node.name}: {summary(Done(node=plan.node, result=plan))}"

    def _to_do(self) -> Iterator[str]:
        change, provider = self.change, self.provider.value
        yield "To change the primary, set in"
        yield f"  {setting(change)}"
        yield "and then:"
        yield from (f"  {command}" for command in commands(change, provider))
        yield "On AWS, deploying only the entry point is enough (with terraform on PATH):"
        yield f"  {entry_point_command(change)}"
        yield f"Rollback, once {settings_file(change.then.environment)} names the new primary:"
        yield f"  {rollback_command(change, provider)}"


def _records(change: ChangeOfPrimary) -> str:
    rows = [("RECORD", "", "LEADS TO", "EVALUATES")]
    for record in change.records:
        leads, asks = _leads(record)
        rows.append((record.name, record.side, leads, asks))
    return columns(rows)


def _leads(record: RecordChange) -> tuple[str, str]:
    now, then = record.now, record.then
    if now == then and then:
        return then.to, then.evaluates
    (to, asks), (to_then, asks_then) = (
        (each.to, each.evaluates) if each else ("nothing", "nothing") for each in (now, then)
    )
    return _changed(to, to_then), _changed(asks, asks_then)


def _changed(now: str, then: str) -> str:
    return now if now == then else f"{now} {_ARROW} {then}"


def _row(record: RecordChange) -> dict[str, Any]:
    return {
        "address": record.address,
        "name": record.name,
        "side": record.side,
        "before": _lead_row(record.now),
        "after": _lead_row(record.then),
        "changes": record.now != record.then,
    }


def _lead_row(lead: Lead | None) -> dict[str, str] | None:
    return {"to": lead.to, "evaluates": lead.evaluates} if lead else None
