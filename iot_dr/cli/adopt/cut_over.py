"""`iot-dr adopt cut-over`: replaces the device name's old record by its failover records."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from environments.project import settings_file
from iot_dr.cli.adopt.adoption import (
    DECLINED,
    AdoptionCommand,
    FolderOption,
    ForceOption,
    Proposal,
    refuse,
)
from iot_dr.cli.options import EnvironmentOption, JsonOption, RateOption, YesOption, given_path
from iot_dr.cli.progress import ReadingProgress
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.drill.report.recorded import FOLDER, against_design
from iot_dr.observe.switch.record_sets import RecordSet, are_equal, simple_cname
from iot_dr.operate.adopt.batch_folder import BACK, CUT_OVER
from iot_dr.operate.adopt.change_batch import ChangeBatch
from iot_dr.operate.adopt.registries import against_registries, against_unregistered
from iot_dr.operate.adopt.situation import AdoptionSituation, seconds_until
from iot_dr.operate.registry.sites import RegistryClients


def cut_over(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption,
    folder: FolderOption = None,
    drill: Annotated[
        Path,
        typer.Option(
            help="Folder of the report of `iot-dr drill run`. Default: drill.",
            metavar="FOLDER",
            parser=given_path,
        ),
    ] = FOLDER,
    rate: RateOption = None,
    yes: YesOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Replace the device name's old record with its failover records.

    Both changes are in one change batch, so the name always has an answer. The entry point must be
    deployed with `existing.cut_over: false`. Refuses if a region is unhealthy, switched away or
    does not serve the device name to this machine, if the old record does not lead to the primary
    or its TTL was not lowered and waited for, if public DNS does not lead to the zone, or if no
    drill of this design passed within `recovery.drill_days`. Compares the registries of the
    regions, except shadows, and refuses if they differ or the environment has no block `data`; this
    takes as long as `iot-dr registry diff`. `--force` skips the comparison and continues. Writes
    the change batch and its inverse to the folder first. Exit 0 when the records are replaced, 1
    when AWS refuses or you decline, 2 for a mistake in the arguments or settings.

    Example: iot-dr adopt cut-over --env prod
    """
    adoption = AdoptionCommand.of(env, folder, yes=yes, as_json=as_json)
    raise typer.Exit(_cut_over(adoption, drill, rate, force=force))


def _cut_over(adoption: AdoptionCommand, drill: Path, rate: float | None, *, force: bool) -> int:
    name = adoption.settings.device_name
    adoption.require_old_record()
    pair, current = adoption.records.failover_pair(), adoption.records.current()
    if are_equal(pair, current):
        adoption.show(f"{name} has its failover records already:", pair)
        return adoption.end("cut-over", pair, [])
    shown, endpoint = _proposal(adoption, drill, pair, current)
    adoption.show(f"The record of {name}:", shown.batch.deleted)
    adoption.show("is replaced, in one change batch, by:", pair)
    if isinstance(endpoint, str):
        adoption.print(f"Devices that connect to {endpoint} itself are not led by this name.")
    refuse(shown.reasons, force=force)
    refuse(_registries(adoption, rate, force=force), force=force)
    adoption.folder.prepare_cut_over(shown.batch)
    folder = adoption.folder.path
    adoption.print(f"The batch is in {folder / CUT_OVER}, its inverse in {folder / BACK}.")

    def read() -> Proposal:
        pair, current = adoption.records.failover_pair(), adoption.records.current()
        return _proposal(adoption, drill, pair, current)[0]

    if not adoption.confirmed(shown, read, force=force):
        return DECLINED
    adoption.send(shown.batch)
    environment = adoption.settings.environment
    adoption.print(
        f"{name} has its failover records.",
        f"Set existing.cut_over: true in {settings_file(environment)} and deploy:"
        f" {product()} imports them, and the watcher is created.",
        f"To return: iot-dr adopt back --env {environment}",
    )
    return adoption.end("cut-over", pair, [CUT_OVER, BACK])


def _proposal(
    adoption: AdoptionCommand,
    drill: Path,
    pair: tuple[RecordSet, ...],
    current: Iterable[RecordSet],
) -> tuple[Proposal, str | UserError]:
    """Return the change, and the primary's own endpoint."""
    settings = adoption.settings
    old = simple_cname(settings.device_name, current)
    situation = AdoptionSituation.observe(settings)
    reasons = [
        *situation.against_cut_over(old),
        *_not_waited(adoption),
        *against_design(drill, settings),
        *against_unregistered(settings),
    ]
    batch = ChangeBatch(f"iot-dr adopt cut-over: {settings.device_name}", (old,), pair)
    return Proposal(batch, reasons), situation.endpoint


def _registries(adoption: AdoptionCommand, rate: float | None, *, force: bool) -> Iterator[str]:
    settings = adoption.settings
    if settings.data is None:
        return
    if force:
        # Nobody waits for hours in an outage, in which a region may not be readable anyway.
        yield "the registries of the regions were not compared"
        return
    sites = RegistryClients(settings, rate)
    sites.refuse_other_account(settings.primary_region)
    adoption.print("Comparing the registries of the regions.")
    with ReadingProgress(sites.things).shown() as progress:
        yield from against_registries(sites, progress.add_entities)


def _not_waited(adoption: AdoptionCommand) -> Iterable[str]:
    lowered = adoption.folder.lowered()
    if lowered and (seconds := seconds_until(lowered.until)):
        yield (
            f"resolvers may have the old record with its former TTL of {lowered.former} s for"
            f" another {seconds:.0f} s"
        )
