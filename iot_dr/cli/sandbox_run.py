"""The work of `iot-dr sandbox`."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import typer

from environments.loader import load
from iot_dr.cli.columns import columns
from iot_dr.cli.failure import failures
from iot_dr.cli.plan_report import PlanReport
from iot_dr.cli.progress import Progress
from iot_dr.delivery.planning import Listeners
from iot_dr.delivery.sandboxing import applied, remove, sandbox_folder
from iot_dr.delivery.session import Limits, Session
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.terraform.hand_over import HandOver, hand_overs
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.sandbox.locks import locks_in, release
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform_json.provider_choice import Provider, ProviderError
from stacks.platform_graph import platform_graph

_FAILED = 1


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """The options of the command line."""

    environment: str
    provider: str | None
    jobs: int
    timeout: float
    as_json: bool


def run_up(options: SandboxOptions) -> int:
    """Apply, plan again, print, and give the exit status."""
    start = time.monotonic()
    _refuse_real_provider(options)
    settings = load(options.environment)
    progress = Progress(platform_graph(settings).nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    limits = Limits(jobs=options.jobs, timeout=options.timeout)
    folder = sandbox_folder(options.environment)
    # The document for machines stands alone on standard output.
    with RunLog(folder / "up.log").announced(partial(typer.echo, err=options.as_json)) as log:
        with progress.shown(), applied(settings, folder, limits, listeners, log) as result:
            outcomes = result.first + result.second
            unlock = partial(_unlock, options.environment)
            told = list(failures(result.session, outcomes, unlock))
            handed = _handed_over(result.session, result.second)
        seconds = time.monotonic() - start
        first = PlanReport(Provider.STANDIN, result.first, seconds)
        second = PlanReport(Provider.STANDIN, result.second, seconds)
        if options.as_json:
            typer.echo(_json(first, second, handed))
        else:
            typer.echo("\n".join(_lines(first, second, handed, folder)))
        for failure in told:
            typer.echo(f"\n{failure}", err=True)
        return _FAILED if told or second.has_changes else 0


def run_down(environment: str) -> None:
    """Remove the sandbox's folder and say so."""
    folder = sandbox_folder(environment)
    typer.echo(f"removed {folder}" if remove(folder) else f"{folder}: there is no sandbox")


def run_show(environment: str) -> None:
    """Print states and locks."""
    folder = sandbox_folder(environment)
    rows = [("STATE", "BUCKET", "SERIAL", "RESOURCES", "WRITTEN")]
    for state in states_in(folder):
        serial = "corrupt" if state.serial is None else str(state.serial)
        written = f"{state.written:%Y-%m-%d %H:%M:%S %Z}"
        rows.append((state.key, state.bucket, serial, str(state.resources or 0), written))
    typer.echo(columns(rows))
    for lock in locks_in(folder):
        typer.echo(f"locked: {lock.key} by {lock.holder or 'someone (the lock is corrupt)'}")


def run_unlock(environment: str, stack: str) -> int:
    """Release the lock on a stack's state; 1 when there is none."""
    folder = sandbox_folder(environment)
    held = [lock for lock in locks_in(folder) if Path(lock.key).stem == stack]
    for lock in held:
        release(folder, lock)
        typer.echo(f"released {lock.key}, which was held by {lock.holder or 'someone'}")
    if not held:
        typer.echo(f"{stack}: no lock is held on its state", err=True)
        return _FAILED
    return 0


def _unlock(environment: str, stack: str, _lock_id: str | None) -> str:
    return f"iot-dr sandbox unlock {stack} --env {environment}"


def _refuse_real_provider(options: SandboxOptions) -> None:
    named = options.provider or os.environ.get("PROVIDER") or Provider.STANDIN.value
    if Provider.chosen(named, options.environment, os.environ) is Provider.AWS:
        message = (
            "PROVIDER=aws does not go with the sandbox: the real provider would make real"
            " resources and keep their state on this machine; use PROVIDER=standin"
        )
        raise ProviderError(message)


def _handed_over(session: Session, outcomes: Iterable[Outcome[StackPlan]]) -> list[HandOver]:
    plans = [outcome.result for outcome in outcomes if isinstance(outcome, Done)]
    documents = {plan.node.name: session.document(plan.node.name) for plan in plans}
    return hand_overs(documents, [plan.document for plan in plans])


def _lines(
    first: PlanReport, second: PlanReport, handed: list[HandOver], folder: Path
) -> Iterator[str]:
    yield first.text()
    if second.outcomes:
        yield f"A second plan: {second.summary}"
        yield "\nHanded over:"
        yield columns(
            [("OUTPUT", "VALUE", "FROM STATE", "READ BY")]
            + [(each.output, each.value, each.key, each.consumer) for each in handed]
        )
    yield f"\nThe states are in {folder}; `make sandbox-down` removes them."


def _json(first: PlanReport, second: PlanReport, handed: list[HandOver]) -> str:
    document: dict[str, Any] = {
        "applied": json.loads(first.json()),
        "planned_again": json.loads(second.json()),
        "handed_over": [
            {"output": e.output, "value": e.value, "key": e.key, "consumer": e.consumer}
            for e in handed
        ],
    }
    return json.dumps(document, indent=2)
