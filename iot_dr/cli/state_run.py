"""The work of `iot-dr state`."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import typer

from environments.loader import load, load_alone
from environments.settings import Settings
from iot_dr.cli.state_report import StateReport
from iot_dr.delivery.state.bootstrap import Bootstrap, Step, state_stack
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.delivery.state.opening import opened
from iot_dr.delivery.state.preparation import prepared
from iot_dr.delivery.state.promotion import Promotion, promotion
from iot_dr.delivery.state.unlocking import Unlocking
from iot_dr.observe.state.status import status
from iot_dr.terraform_json.provider_choice import Provider

_STEPS: dict[Step, str] = {
    "plan": "plan",
    "apply": "apply, with a local state",
    "move": "move the state into its bucket",
    "compare": "compare the two states",
    "clear": "remove the local state",
}


def run_init(environment: str, named: str | None, timeout: float, *, yes: bool) -> None:
    """Say what will be done, ask if there is something real at stake, and do it."""
    provider = Provider.chosen(named, environment, os.environ)
    settings = load(environment)
    if provider is Provider.STANDIN:
        typer.echo(provider.banner)
    with prepared(settings, provider, timeout) as (bootstrap, session):
        typer.echo("\n".join(_intent(bootstrap)))
        if provider is Provider.AWS and not bootstrap.is_moved():
            _ask(yes=yes)
        bootstrap.run(session, lambda step: typer.echo(f"  {_STEPS[step]}"))
    place = bootstrap.location
    typer.echo(f"The state is in s3://{place.bucket}/{place.key} ({place.region}).")


def run_status(environment: str, named: str | None, *, as_json: bool) -> None:
    """Print the status."""
    provider = Provider.chosen(named, environment, os.environ)
    settings = load_alone(environment)
    with opened(settings, provider) as store:
        unlock = partial(unlock_command, environment, provider.value)
        report = StateReport(status(settings, store), datetime.now(UTC), unlock)
    typer.echo(report.json() if as_json else report.text())


def run_unlock(
    environment: str, named: str | None, stack: str, lock_id: str | None, *, yes: bool
) -> None:
    """Say whose lock it is, ask if there is something real at stake, and take it back."""
    provider = Provider.chosen(named, environment, os.environ)
    settings = load_alone(environment)
    with opened(settings, provider) as store:
        intended = Unlocking.of(settings, stack, lock_id, store)
        typer.echo(f"{stack}: its state is locked by {intended.lock}.")
        if provider is Provider.AWS:
            _ask(yes=yes)
        intended.carry_out(store)
    typer.echo("The lock is taken back.")


def run_promote(environment: str, named: str | None, region: str, *, yes: bool) -> None:
    """Say what would be promoted, ask, and promote it."""
    provider = Provider.chosen(named, environment, os.environ)
    settings = load_alone(environment)
    with opened(settings, provider) as store:
        intended = promotion(settings, region, store)
        typer.echo("\n".join(_promotion(settings, intended)))
        _ask(yes=yes)
        for place in intended.carry_out(store):
            typer.echo(f"{place.bucket} ({place.region}) does not answer: no fence left there")
    typer.echo(
        f"Promoted. Now set home_region: {region} in {environment}.yaml, and apply nothing before"
        " the next steps in docs/runbooks/state.md."
    )


def _ask(*, yes: bool) -> None:
    if not yes:
        typer.confirm("Go on?", abort=True)


def _intent(bootstrap: Bootstrap) -> Iterator[str]:
    settings, place = bootstrap.settings, bootstrap.location
    name = state_stack(settings).name
    if bootstrap.is_moved():
        yield f"{name}: its state is in its bucket already."
        return
    for region in settings.regions:
        yield f"{name} makes the bucket {settings.state_bucket(region)} in {region}."
    yield f"Its state is kept in {bootstrap.folder}, then moved to s3://{place.bucket}/{place.key}."


def _promotion(settings: Settings, intended: Promotion) -> Iterator[str]:
    yield f"{settings.environment}: the copies in {intended.region} become the owners:"
    for stack, copy in intended.copies.items():
        written = f"{copy.written:%Y-%m-%d %H:%M:%S %Z}"
        yield f"  {stack}: serial {copy.serial}, lineage {copy.lineage}, written {written}"
    for stack in intended.missing:
        yield f"  {stack}: no copy: never applied, or lost with home"
    for lock, holder in intended.locks.items():
        yield f"The lock {lock.key} is cleared, held by {holder or 'someone (it does not tell)'}."
    places = ", ".join(place.bucket for place in intended.places)
    yield f"A fence in {places} keeps runs from {intended.fence.former_bucket}."
    yield "What home wrote after those copies is lost, and not merged if home comes back."
