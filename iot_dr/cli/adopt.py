"""`iot-dr adopt`: replaces the device name's old record by failover records, or restores it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from environments.loader import load_without_cross_checks
from environments.settings import Settings
from iot_dr.cli.confirmation import refuse_without_terminal, typed_yes
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption, YesOption, given_path
from iot_dr.cli.text import echo
from iot_dr.common.signals import deferred_signals
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.observe.switch.record_sets import RecordSet, are_equal, described, simple_cname
from iot_dr.operate.adopt.batch_folder import BACK, CUT_OVER, BatchFolder
from iot_dr.operate.adopt.change_batch import ChangeBatch
from iot_dr.operate.adopt.device_name import DeviceNameRecords
from iot_dr.operate.adopt.situation import AdoptionSituation, seconds_until

_DECLINED: Final = 1

_Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        help="Folder of the change batches. Default: adopt-ENV in the working folder.",
        metavar="FOLDER",
        parser=given_path,
    ),
]
_Force = Annotated[
    bool, typer.Option("--force", help="Continue although a region or the old record is unfit.")
]


class RefusedError(UserError):
    """Reasons against a change of the device name."""


def lower_ttl(
    env: EnvironmentOption,
    folder: _Folder = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Lower the TTL of the device name's old record before the cut-over.

    The new TTL is `endpoint.ttl`. Writes the change batch and its inverse to the folder first.
    Until the former TTL has passed, resolvers may still have the record with it, and `cut-over`
    refuses. Exit 0 when the TTL is lowered or was low enough, 1 when AWS refuses or you
    decline, 2 for a mistake in the arguments or settings.

    Example: iot-dr adopt lower-ttl --env prod
    """
    raise typer.Exit(_lower_ttl(_Adoption.of(env, folder, yes=yes, as_json=as_json)))


def cut_over(
    env: EnvironmentOption,
    folder: _Folder = None,
    yes: YesOption = False,
    force: _Force = False,
    as_json: JsonOption = False,
) -> None:
    """Replace the device name's old record with its failover records.

    Both changes are in one change batch, so the name always has an answer. The entry point must be
    deployed with `existing.cut_over: false`. Refuses if a region is unhealthy, switched away or
    does not serve the device name to this machine, if the old record does not lead to the
    primary, or if its TTL was not lowered and waited for. Writes the change batch and its
    inverse to the folder first. Exit 0 when the records are replaced, 1 when AWS refuses or you
    decline, 2 for a mistake in the arguments or settings.

    Example: iot-dr adopt cut-over --env prod
    """
    raise typer.Exit(_cut_over(_Adoption.of(env, folder, yes=yes, as_json=as_json), force=force))


def back(
    env: EnvironmentOption,
    folder: _Folder = None,
    yes: YesOption = False,
    force: _Force = False,
    as_json: JsonOption = False,
) -> None:
    """Restore the device name's old record in place of its failover records.

    Both changes are in one change batch. Reads the old record from back.json in the folder, which
    `cut-over` wrote. Refuses if its region is unhealthy or switched away. Afterwards set
    `existing.cut_over: false` and deploy the entry point, so that Terraform forgets the
    failover records. Exits like `cut-over`.

    Example: iot-dr adopt back --env prod
    """
    raise typer.Exit(_back(_Adoption.of(env, folder, yes=yes, as_json=as_json), force=force))


@dataclass(frozen=True)
class _Adoption:
    """The arguments of a command, and the records and files that it works on."""

    settings: Settings
    records: DeviceNameRecords
    folder: BatchFolder
    yes: bool
    as_json: bool

    @classmethod
    def of(cls, env: str, folder: Path | None, *, yes: bool, as_json: bool) -> "_Adoption":
        settings = load_without_cross_checks(env)
        batches = BatchFolder(folder or Path(f"adopt-{env}"))
        if not yes:
            refuse_without_terminal("change the device name")
        return cls(settings, DeviceNameRecords(settings), batches, yes, as_json)

    def print(self, *lines: str) -> None:
        """Print lines for people, on standard error if standard output is JSON."""
        for line in lines:
            echo(line, err=self.as_json)

    def show(self, title: str, records: Iterable[RecordSet]) -> None:
        """Print records below a title."""
        self.print(title, *(f"  {described(record)}" for record in records))

    def change(self, batch: ChangeBatch) -> bool:
        """Send a batch after a confirmation; return False if the user declines."""
        if is_agreed := self.agreed():
            self.send(batch)
        return is_agreed

    def agreed(self) -> bool:
        """Whether the user confirms a change."""
        if not self.yes and not typed_yes("replace them"):
            echo("Declined: nothing was changed.", err=True)
            return False
        return True

    def send(self, batch: ChangeBatch) -> None:
        """Send a batch; a signal waits until it is in sync."""
        with deferred_signals(lambda: echo("Wait: the batch is being sent.", err=True)):
            self.records.change(batch, lambda _, missing: echo(f"Waiting: {missing}", err=True))

    def end(self, command: str, records: Sequence[RecordSet], files: Sequence[str]) -> int:
        """Print the document of --json; return the exit status."""
        if self.as_json:
            folder = self.folder.path
            content = {
                "device_name": self.settings.device_name,
                "records": [dict(record) for record in records],
                "files": [str(folder / file) for file in files],
            }
            print_document(f"adopt {command}", content, 0, self.settings.environment)
        return 0


def _lower_ttl(adoption: _Adoption) -> int:
    name, ttl = adoption.settings.device_name, adoption.settings.endpoint.ttl
    _require_old_record(adoption)
    old = simple_cname(name, adoption.records.current())
    former = int(old["TTL"])
    if former <= ttl:
        adoption.print(f"{name} has a TTL of {former} s; nothing to lower.")
        return adoption.end("lower-ttl", [old], [])
    new = {**old, "TTL": ttl}
    batch = ChangeBatch(f"iot-dr adopt lower-ttl: {name}", (old,), (new,))
    adoption.show(f"The record of {name}:", [old])
    adoption.show("is replaced by:", [new])
    adoption.folder.prepare_lower_ttl(batch)
    if not adoption.agreed():
        return _DECLINED
    # Before, too: the command may end without knowing whether the change is made.
    adoption.folder.note_lowered(former)
    try:
        adoption.send(batch)
    finally:
        adoption.folder.note_lowered(former)
    adoption.print(f"Lowered. Resolvers may have the former TTL for another {former} s.")
    return adoption.end("lower-ttl", [new], ["lower-ttl.json", "restore-ttl.json"])


def _cut_over(adoption: _Adoption, *, force: bool) -> int:
    name = adoption.settings.device_name
    _require_old_record(adoption)
    pair, current = adoption.records.failover_pair(), adoption.records.current()
    if are_equal(pair, current):
        adoption.show(f"{name} has its failover records already:", pair)
        return adoption.end("cut-over", pair, [])
    old = simple_cname(name, current)
    situation = AdoptionSituation.observe(adoption.settings)
    reasons = [*situation.against_cut_over(old), *_not_waited(adoption)]
    adoption.show(f"The record of {name}:", [old])
    adoption.show("is replaced, in one change batch, by:", pair)
    endpoint = situation.endpoint
    if isinstance(endpoint, str):
        adoption.print(f"Devices that connect to {endpoint} itself are not led by this name.")
    adoption.print(_about_devices(adoption.settings))
    _refuse(reasons, force=force)
    batch = ChangeBatch(f"iot-dr adopt cut-over: {name}", (old,), pair)
    adoption.folder.prepare_cut_over(batch)
    folder = adoption.folder.path
    adoption.print(f"The batch is in {folder / CUT_OVER}, its inverse in {folder / BACK}.")
    if not adoption.change(batch):
        return _DECLINED
    environment = adoption.settings.environment
    adoption.print(
        f"{name} has its failover records.",
        f"Set existing.cut_over: true in {environment}.yaml and deploy: Terraform imports them, and"
        " the watcher is created.",
        f"To return: iot-dr adopt back --env {environment}",
    )
    return adoption.end("cut-over", pair, [CUT_OVER, BACK])


def _back(adoption: _Adoption, *, force: bool) -> int:
    name, existing = adoption.settings.device_name, adoption.records.existing
    former = adoption.folder.back(name).created
    old = simple_cname(name, former)
    current = adoption.records.current()
    if are_equal(former, current):
        adoption.show(f"{name} has its old record already:", former)
        return adoption.end("back", former, [])
    if not all(record.get("Failover") for record in current):
        raise RefusedError(
            f"{name} has records that are not its failover records; compare them with"
            f" {adoption.folder.path / BACK}"
        )
    adoption.show(f"The records of {name}:", current)
    adoption.show("are replaced, in one change batch, by:", [old])
    situation = AdoptionSituation.observe(adoption.settings)
    _refuse(situation.against_return(), force=force)
    # As they are now: Terraform may have changed them since the cut-over.
    batch = ChangeBatch(f"iot-dr adopt back: {name}", current, (old,))
    adoption.folder.prepare_back(batch)
    if not adoption.change(batch):
        return _DECLINED
    environment = adoption.settings.environment
    adoption.print(f"{name} has its old record.")
    if existing.cut_over:
        adoption.print(
            f"Set existing.cut_over: false in {environment}.yaml and deploy: Terraform forgets the"
            " failover records. Until then a deployment would try to create them, which Route 53"
            " refuses."
        )
    return adoption.end("back", [old], [BACK, CUT_OVER])


def _require_old_record(adoption: _Adoption) -> None:
    if adoption.records.existing.cut_over:
        environment = adoption.settings.environment
        raise UsageError(
            f"{environment}.yaml: existing.cut_over is true, so the device name has its failover"
            f" records; iot-dr adopt back --env {environment} restores the old record"
        )


def _about_devices(settings: Settings) -> str:
    """Return what this command does not verify about the devices in other regions."""
    if settings.data is None:
        return (
            f"{settings.environment} has no block data: a region where something else has not"
            " registered the devices refuses them."
        )
    primary = settings.primary_region
    compare = " and ".join(
        f"iot-dr registry diff {primary} {region} --env {settings.environment}"
        for region in settings.standbys
    )
    return f"Devices must be registered in every region; this compares them: {compare}"


def _not_waited(adoption: _Adoption) -> Iterable[str]:
    lowered = adoption.folder.lowered()
    if lowered and (seconds := seconds_until(lowered.until)):
        yield (
            f"resolvers may have the old record with its former TTL of {lowered.former} s for"
            f" another {seconds:.0f} s"
        )


def _refuse(reasons: Iterable[str], *, force: bool) -> None:
    known = list(reasons)
    if known and not force:
        raise RefusedError("\n".join([*known, "--force continues"]))
    for reason in known:
        echo(f"Forced: {reason}", err=True)
