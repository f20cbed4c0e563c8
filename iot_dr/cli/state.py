"""`iot-dr state`: the Terraform states of an environment, their copies, locks and owners."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

import typer

from environments.loader import load, load_without_cross_checks
from environments.settings import Settings
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    TIMEOUT,
    EnvironmentOption,
    JsonOption,
    ProviderOption,
    StackArgument,
    TimeoutOption,
    YesOption,
)
from iot_dr.cli.state_report import StateReport
from iot_dr.cli.text import echo
from iot_dr.delivery.state.bootstrap import Bootstrap, Step, state_stack
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.delivery.state.open_store import open_store
from iot_dr.delivery.state.preparation import prepare_bootstrap
from iot_dr.delivery.state.promotion import Promotion, promotion
from iot_dr.delivery.state.unlocking import StateUnlock
from iot_dr.observe.state.states_overview import read_states
from iot_dr.terraform_json.provider_choice import Provider

_STEPS: Final[dict[Step, str]] = {
    "plan": "plan",
    "apply": "apply, with a local state",
    "move": "move the state into its bucket",
    "compare": "compare the two states",
    "clear": "remove the local state",
}


def init(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    timeout: TimeoutOption = TIMEOUT,
    yes: YesOption = False,
) -> None:
    """Create the state buckets with a local state, then move it into its bucket.

    Run it again after an interruption: it resumes. With the stand-in provider it works on the
    sandbox of the environment and does not ask.

    Example: iot-dr state init --env dev --provider standin
    """
    chosen = Provider.select(provider, env, os.environ)
    settings = load(env)
    if chosen is Provider.STANDIN:
        echo(chosen.banner)
    with prepare_bootstrap(settings, chosen, timeout) as (bootstrap, session):
        echo("\n".join(_intent(bootstrap)))
        if chosen is Provider.AWS and not bootstrap.is_moved():
            _ask(yes=yes)
        bootstrap.run(session, lambda step: echo(f"  {_STEPS[step]}"))
    place = bootstrap.location
    echo(f"The state is in s3://{place.bucket}/{place.key} ({place.region}).")


def status(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show lineage, serial, age, lag and lock of every state and copy.

    Example: iot-dr state status --env dev
    """
    chosen = Provider.select(provider, env, os.environ)
    settings = load_without_cross_checks(env)
    with open_store(settings, chosen) as store:
        unlock = partial(unlock_command, env, chosen.value)
        report = StateReport(read_states(settings, store), datetime.now(UTC), unlock)
    if as_json:
        print_document("state status", report.document(), environment=env)
    else:
        echo(report.text())


def unlock(
    stack: StackArgument,
    lock_id: Annotated[
        str | None,
        typer.Option("--id", help="Id of the lock, printed in errors and by `status`."),
    ] = None,
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    yes: YesOption = False,
) -> None:
    """Release the lock on a stack's state that a killed run left behind.

    First make sure that nobody works on that state: without its lock a second run could overwrite
    it. With the stand-in provider it does not ask.

    Example: iot-dr state unlock iot-dev-state --id 6b1c --env dev
    """
    chosen = Provider.select(provider, env, os.environ)
    settings = load_without_cross_checks(env)
    with open_store(settings, chosen) as store:
        intended = StateUnlock.of(settings, stack, lock_id, store)
        echo(f"{stack}: its state is locked by {intended.lock}.")
        if chosen is Provider.AWS:
            _ask(yes=yes)
        intended.carry_out(store)
    echo("The lock is released.")


def promote(
    region: Annotated[str, typer.Option(help="Region whose copies become the owners.")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    yes: YesOption = False,
) -> None:
    """Make the copies in a region the global states, when home is lost for good.

    Refused while home's bucket answers. Writes a fence that blocks runs on home's states if home
    recovers, and removes the locks that were copied with the states.

    Example: iot-dr state promote --env dev --region eu-central-1
    """
    chosen = Provider.select(provider, env, os.environ)
    settings = load_without_cross_checks(env)
    with open_store(settings, chosen) as store:
        intended = promotion(settings, region, store)
        echo("\n".join(_promotion(settings, intended)))
        _ask(yes=yes)
        for place in intended.carry_out(store):
            echo(f"{place.bucket} ({place.region}) does not answer: no fence was written there")
    echo(
        f"Promoted. Now set home_region: {region} in {env}.yaml, and apply nothing before"
        " the next steps in docs/runbooks/state.md."
    )


def _ask(*, yes: bool) -> None:
    if not yes:
        typer.confirm("Continue?", abort=True)


def _intent(bootstrap: Bootstrap) -> Iterator[str]:
    settings, place = bootstrap.settings, bootstrap.location
    name = state_stack(settings).name
    if bootstrap.is_moved():
        yield f"{name}: its state is already in its bucket."
        return
    for region in settings.regions:
        yield f"{name} creates the bucket {settings.state_bucket(region)} in {region}."
    yield f"Its state is stored in {bootstrap.folder}, then moved to s3://{place.bucket}/{place.key}."


def _promotion(settings: Settings, intended: Promotion) -> Iterator[str]:
    yield f"{settings.environment}: the copies in {intended.region} become the owners:"
    for stack, copy in intended.copies.items():
        written = f"{copy.written:%Y-%m-%d %H:%M:%S %Z}"
        yield f"  {stack}: serial {copy.serial}, lineage {copy.lineage}, written {written}"
    for stack in intended.missing:
        yield f"  {stack}: no copy: never applied, or lost with home"
    for lock, holder in intended.locks.items():
        yield f"The lock {lock.key} ({holder or 'unknown owner'}) is removed."
    places = ", ".join(place.bucket for place in intended.places)
    yield f"A fence in {places} blocks runs on {intended.fence.former_bucket}."
    yield "What home wrote after those copies is lost; it is not merged if home recovers."
