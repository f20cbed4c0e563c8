"""`iot-dr state`: the Terraform states of an environment, their copies, locks and owners."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

import typer

from environments.loader import load, load_without_cross_checks, mistake_at
from environments.project import settings_file
from environments.regions import IOT_REGIONS
from environments.rules import check_region
from environments.settings import LookedUpZone, Settings
from iot_dr.cli.abandonment_report import AbandonmentReport
from iot_dr.cli.confirmation import NotConfirmedError
from iot_dr.cli.json_output import print_report
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
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.state.abandonment import abandonment
from iot_dr.delivery.state.bootstrap import Bootstrap, Step
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.delivery.state.open_store import existing_sandbox, open_store
from iot_dr.delivery.state.preparation import prepare_bootstrap, prepare_states
from iot_dr.delivery.state.promotion import Promotion, promotion
from iot_dr.delivery.state.unlocking import StateUnlock
from iot_dr.observe.state.abandoned_record import read_abandoned
from iot_dr.observe.state.states_overview import read_states
from iot_dr.terraform_json.provider_choice import Provider
from modules.stack_names import stack_name

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
    echo(f"The state is in {place.url} ({place.region}).")


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
        states, abandoned = read_states(settings, store), read_abandoned(settings, store)
        report = StateReport(states, datetime.now(UTC), unlock, abandoned)
    print_report("state status", report, environment=env, as_json=as_json)


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

    First make sure that no run is active on that state: without its lock a second run could
    overwrite it. With the stand-in provider it does not ask.

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
    home_lives: Annotated[
        bool, typer.Option("--home-lives", help="Home answers, and leaves afterwards.")
    ] = False,
) -> None:
    """Make the copies in a region the global states, when home is lost for good.

    Refused while home's bucket answers, unless home is to leave (--home-lives): then it must
    answer, no state may be locked, and each copy must be up to date. Writes a fence that blocks
    runs on home's states if home recovers, and removes the locks that were copied with the states.

    Example: iot-dr state promote --env dev --region eu-central-1
    """
    chosen = Provider.select(provider, env, os.environ)
    settings = load_without_cross_checks(env)
    with open_store(settings, chosen) as store:
        intended = promotion(settings, region, store, home_lives=home_lives)
        echo("\n".join(_promotion(settings, intended)))
        _ask(yes=yes)
        for place in intended.carry_out(store):
            echo(f"{place.bucket} ({place.region}) does not answer: no fence was written there")
    owner = "home_region and certificate_region"
    if isinstance(settings.zone, LookedUpZone):
        # Its owner has the certificates, and the setting is refused.
        owner = "home_region"
    leaving = (
        f", move {settings.home_region} from regions to leaving_regions in the same edit"
        if home_lives
        else ""
    )
    echo(
        f"Promoted. Now set {owner} to {region} in {settings_file(env)}{leaving},"
        " and apply nothing before the next steps in docs/runbooks/state.md."
    )


def abandon(  # noqa: PLR0913, PLR0917 - each is an option of the command
    region: Annotated[str, typer.Option(help="Region that is gone for good.", metavar="REGION")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    timeout: TimeoutOption = TIMEOUT,
    confirm: Annotated[
        str | None,
        typer.Option(
            help="Confirm with the region's name; without it nothing is changed.", metavar="REGION"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Remove what the global states have in a region that is gone for good.

    First remove the region from the settings. Refused while its state bucket answers. Shows what
    would be removed; with --confirm REGION it removes it, and records it next to the states.
    Nothing in AWS is changed: `iot-dr deploy` does the rest.

    Example: iot-dr state abandon --env dev --region eu-north-1 --confirm eu-north-1
    """
    chosen = Provider.select(provider, env, os.environ)
    settings = load_without_cross_checks(env)
    _refuse_named(settings, region)
    if chosen is Provider.STANDIN:
        existing_sandbox(settings)
    if confirm is not None and confirm != region:
        raise NotConfirmedError(f"--confirm {plain(confirm)}: must be {region}; nothing is removed")
    with prepare_states(settings, chosen, timeout) as (session, store):
        intended = abandonment(settings, region, session, store)
        report = AbandonmentReport(settings, intended, is_done=confirm is not None)
        missed = intended.carry_out(session, store) if confirm else ()
    for place in missed:
        unwritten = f"{place.bucket} ({place.region}) does not answer: no record was written there"
        echo(unwritten, err=as_json)
    print_report("state abandon", report, environment=env, as_json=as_json)


def _refuse_named(settings: Settings, region: str) -> None:
    """Raise UsageError for an unknown region, SettingsError if the file still names the region."""
    if problem := next(check_region(region, IOT_REGIONS), None):
        raise UsageError(f"--region {plain(region)}: {problem[2]}")
    for key, regions in (
        ("regions", settings.regions),
        ("leaving_regions", settings.leaving_regions),
    ):
        if region in regions:
            message = (
                f"is still in {key}: remove it there first, since every plan needs the regions that"
                " the file names (docs/runbooks/remove-region.md)"
            )
            raise mistake_at(settings.environment, (key, regions.index(region)), region, message)


def _ask(*, yes: bool) -> None:
    if not yes:
        typer.confirm("Continue?", abort=True)


def _intent(bootstrap: Bootstrap) -> Iterator[str]:
    settings, place = bootstrap.settings, bootstrap.location
    name = stack_name(settings.environment, "state")
    if bootstrap.is_moved():
        yield f"{name}: its state is already in its bucket."
        return
    for region in settings.regions:
        yield f"{name} creates the bucket {settings.state_bucket(region)} in {region}."
    yield f"Its state is stored in {bootstrap.folder}, then moved to {place.url}."


def _promotion(settings: Settings, intended: Promotion) -> Iterator[str]:
    yield f"{settings.environment}: the copies in {intended.region} become the owners:"
    for stack, copy in intended.copies.items():
        lineage, written = plain(str(copy.lineage)), f"{copy.written:%Y-%m-%d %H:%M:%S %Z}"
        yield f"  {stack}: serial {copy.serial}, lineage {lineage}, written {written}"
    for stack in intended.missing:
        yield f"  {stack}: no copy: never applied, or lost with home"
    for lock, holder in intended.locks.items():
        yield f"The lock {lock.key} ({holder or 'unknown owner'}) is removed."
    places = ", ".join(place.bucket for place in intended.places)
    yield f"A fence in {places} blocks runs on {intended.fence.former_bucket}."
    if not intended.originals:
        yield "What home wrote after those copies is lost; it is not merged if home recovers."
