"""`iot-dr sandbox`: an environment that is applied on this machine with the stand-in provider."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path, PurePosixPath
from textwrap import fill
from typing import Annotated, Any, Final

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
    StackArgument,
    TimeoutOption,
)
from iot_dr.cli.outcomes import PlanReport, StackProgress, failures
from iot_dr.cli.text import columns, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import NARROW_WIDTH
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.region_change import change_of_deploy
from iot_dr.delivery.sandbox_run import (
    apply_in_sandbox,
    remove,
    run_in_sandbox,
    sandbox_folder,
)
from iot_dr.delivery.session import RunLimits, Session
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.terraform.hand_over import HandOver, hand_overs
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.sandbox.locks import locks_in, release
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform_json.provider_choice import Provider, ProviderError
from stacks.platform_graph import platform_graph

_NONE: Final = "there is no sandbox"


def up(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Apply every stack in the sandbox, and check that a second plan is empty.

    The states stay in .sandbox/ENV until `iot-dr sandbox down`. Exit 1 when an apply fails or
    the second plan is not empty.

    Example: iot-dr sandbox up --env dev
    """
    start = time.monotonic()
    _refuse_real_provider(env, provider)
    folder = sandbox_folder(env)
    change = change_of_deploy(load(env), Provider.STANDIN, folder)
    for line in change.lines():
        echo(line, err=as_json)
    settings = change.settings
    progress = StackProgress(platform_graph(settings).nodes, stays=False)
    listeners = PlanListeners(on_phase=progress.phase, on_outcome=progress.outcome)
    limits = RunLimits(jobs=jobs, timeout=timeout)
    # With --json, standard output contains the document only.
    with RunLog(folder / "up.log").announced(partial(echo, err=as_json)) as log:
        with progress.shown(), apply_in_sandbox(settings, folder, limits, listeners, log) as result:
            failed = list(
                failures(result.session, result.first + result.second, partial(_unlock, env))
            )
            handed = _handed_over(result.session, result.second)
        seconds = time.monotonic() - start
        first = PlanReport(Provider.STANDIN, result.first, seconds)
        second = PlanReport(Provider.STANDIN, result.second, seconds)
        exit_status = ExitStatus.FAILED if failed or second.has_changes else 0
        if as_json:
            print_document("sandbox up", _document(first, second, handed), exit_status, env)
        else:
            echo("\n".join(_lines(first, second, handed, folder)))
        for failure in failed:
            echo(f"\n{failure}", err=True)
    raise typer.Exit(exit_status)


def down(env: EnvironmentOption = "dev") -> None:
    """Delete the sandbox of an environment with all its states.

    It does not ask: a sandbox is a local folder, which `iot-dr sandbox up` creates again.

    Example: iot-dr sandbox down --env dev
    """
    folder = sandbox_folder(env)
    echo(f"removed {folder}" if remove(folder) else f"{folder}: {_NONE}")


def show(env: EnvironmentOption = "dev") -> None:
    """Show the states in the sandbox and their locks.

    Example: iot-dr sandbox show --env dev
    """
    folder = sandbox_folder(env)
    places = groupby(
        states_in(folder), lambda state: (state.bucket, PurePosixPath(state.key).parent)
    )
    for (bucket, prefix), states in places:
        rows = [("STACK", "SERIAL", "RESOURCES", "WRITTEN (UTC)")]
        for state in states:
            serial = "corrupt" if state.serial is None else str(state.serial)
            written = f"{state.written:%Y-%m-%d %H:%M:%S}"
            stack = PurePosixPath(state.key).stem
            rows.append((stack, serial, str(state.resources or 0), written))
        echo(f"{bucket}/{prefix}\n{columns(rows)}\n")
    if not folder.exists():
        echo(f"{folder}: {_NONE}")
    for lock in locks_in(folder):
        echo(f"locked: {lock.key} by {lock.holder or 'an unknown owner (the lock is corrupt)'}")


def unlock(stack: StackArgument, env: EnvironmentOption = "dev") -> None:
    """Release the lock on a stack's state that a killed run left behind.

    Example: iot-dr sandbox unlock iot-dev-hosted-zone --env dev
    """
    folder = sandbox_folder(env)
    locks = [lock for lock in locks_in(folder) if Path(lock.key).stem == stack]
    for lock in locks:
        release(folder, lock)
        echo(f"released {lock.key} of {lock.holder or 'an unknown owner'}")
    if not locks:
        echo(f"{stack}: its state is not locked", err=True)
        raise typer.Exit(ExitStatus.FAILED)


def exec(  # noqa: A001 - the command's name
    command: Annotated[list[str], typer.Argument(help="The command and its arguments, after --.")],
    env: EnvironmentOption = "dev",
) -> None:
    """Run a command, such as cdktf or terraform, on the sandbox instead of AWS.

    The environment is synthesized into cdktf.out first. cdktf, terraform, tofu and aws then find
    its states, credentials and the stand-in provider. Exits with the command's status.

    Example: iot-dr sandbox exec -- cdktf diff iot-dev-entry-point --skip-provider-lock
    """
    _refuse_real_provider(env, None)
    raise typer.Exit(run_in_sandbox(load(env), sandbox_folder(env), command))


def _refuse_real_provider(environment: str, provider: str | None) -> None:
    named = provider or os.environ.get("PROVIDER") or Provider.STANDIN.value
    if Provider.select(named, environment, os.environ) is Provider.AWS:
        message = (
            "the sandbox cannot use PROVIDER=aws: it would create real resources and keep their"
            " state on this machine; use PROVIDER=standin"
        )
        raise ProviderError(message)


def _unlock(environment: str, stack: str, _lock_id: str | None) -> str:
    return f"iot-dr sandbox unlock {stack} --env {environment}"


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
        yield f"\nOutputs read by other stacks:\n{handed_over_text(handed)}"
    down = f"iot-dr sandbox down --env {folder.name}"
    yield f"\nThe states are in {folder}; `{down}` removes them."


def handed_over_text(handed: Iterable[HandOver]) -> str:
    """Return each output once: stack and name, value, and readers, in lines for 80 columns.

    Only a value may be longer, so that it can be copied.
    """
    readers = defaultdict[tuple[str, str, str], list[str]](list)
    for output in handed:
        stack = PurePosixPath(output.key).stem
        readers[stack, output.output, output.value].append(output.consumer)
    return "\n".join(
        f"{stack}: {name}\n  {value}\n"
        + fill(
            f"  read by {', '.join(names)}",
            NARROW_WIDTH,
            subsequent_indent="    ",
            break_on_hyphens=False,
            break_long_words=False,
        )
        for (stack, name, value), names in readers.items()
    )


def _document(first: PlanReport, second: PlanReport, handed: list[HandOver]) -> dict[str, Any]:
    document = {
        "applied": first.document(),
        "second_plan": second.document(),
        "handed_over": [
            {"output": e.output, "value": e.value, "key": e.key, "consumer": e.consumer}
            for e in handed
        ],
    }
    return with_old_keys("sandbox up", document)
