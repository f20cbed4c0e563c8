"""`iot-dr registry deletions`: what regions' brakes hold back, and a decision about it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.confirmation import ask_for_name
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption, YesOption
from iot_dr.cli.text import columns, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UsageError
from iot_dr.observe.aws.clients import Clients
from iot_dr.operate.registry.held import HeldDeletions
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.sites import LIMITS, RegistryClients

_LISTED: Final = 20


def deletions(  # noqa: PLR0913, PLR0917 - one argument for each option
    regions: Annotated[
        list[str] | None,
        typer.Argument(help="Regions of the environment; all if omitted.", metavar="[REGION]..."),
    ] = None,
    env: EnvironmentOption = "dev",
    let_through: Annotated[
        bool, typer.Option("--let-through", help="Delete here what is listed as held back.")
    ] = False,
    restore: Annotated[
        bool,
        typer.Option("--restore", help="Create elsewhere again what these regions have."),
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the deletions that regions hold back, let them through, or undo them.

    A region applies deletions of other regions up to `data.deletion_percent` in an hour; then its
    brake holds all of them back until you decide. Exit 0 if nothing is held back or you have
    decided, 3 if something is held back, 1 if a region does not answer, 2 for a usage error or
    without confirmation.

    Example: iot-dr registry deletions --restore --env dev
    """
    if let_through and restore:
        raise UsageError("--let-through and --restore exclude each other: choose one of them")
    settings, named = load_without_cross_checks(env), tuple(regions or ())
    refuse_foreign(settings, named)
    clients = Clients(settings.deploy_role_arn, LIMITS)
    sites = RegistryClients(settings, clients=clients)
    sites.refuse_other_account((named or settings.regions)[0])
    brakes = {
        region: HeldDeletions.of(region, sites, clients) for region in named or settings.regions
    }
    listed = {region: brake.deletions() for region, brake in brakes.items()}
    keys = {region: [each.key for each in some] for region, some in listed.items()}
    decided: dict[str, int] = {}
    if let_through or restore:
        if not as_json:
            echo("\n".join(_lines(env, keys)))
        if not yes:
            ask_for_name(env, f"{'deleted' if let_through else 'restored'} as listed", "--yes")
        decide = HeldDeletions.let_through if let_through else HeldDeletions.restore
        decided = {region: decide(brake, listed[region]) for region, brake in brakes.items()}
    exit_status = ExitStatus.NOT_GOOD if any(keys.values()) and not decided else 0
    if as_json:
        print_document("registry deletions", _document(env, keys, decided), exit_status, env)
    else:
        word = "sent to be deleted" if let_through else "restored"
        done = [f"{region}: {count} {word}" for region, count in decided.items()]
        echo("\n".join(done or _lines(env, keys)))
    raise typer.Exit(exit_status)


def _lines(env: str, keys: Mapping[str, Sequence[str]]) -> list[str]:
    table = [("REGION", "HELD BACK"), *((region, str(len(some))) for region, some in keys.items())]
    listed = [
        f"held back in {region}: {key}" for region, some in keys.items() for key in some[:_LISTED]
    ]
    return [f"{env}: deletions of other regions.", columns(table), *listed]


def _document(
    env: str, keys: Mapping[str, Sequence[str]], decided: Mapping[str, int]
) -> dict[str, Any]:
    regions = [
        {
            "region": region,
            "held_back": len(some),
            "examples": some[:_LISTED],
            "decided": decided.get(region),
        }
        for region, some in keys.items()
    ]
    return {"environment": env, "regions": regions}
