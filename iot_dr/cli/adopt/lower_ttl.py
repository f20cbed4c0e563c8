"""`iot-dr adopt lower-ttl`: lowers the TTL of the device name's old record."""

import typer

from iot_dr.cli.adopt.adoption import DECLINED, AdoptionCommand, FolderOption, Proposal
from iot_dr.cli.options import EnvironmentOption, JsonOption, YesOption
from iot_dr.observe.switch.record_sets import simple_cname
from iot_dr.operate.adopt.change_batch import ChangeBatch


def lower_ttl(
    env: EnvironmentOption,
    folder: FolderOption = None,
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
    raise typer.Exit(_lower_ttl(AdoptionCommand.of(env, folder, yes=yes, as_json=as_json)))


def _lower_ttl(adoption: AdoptionCommand) -> int:
    adoption.require_old_record()
    shown = _proposal(adoption)
    (old,), (new,) = shown.batch.deleted, shown.batch.created
    name, former = adoption.settings.device_name, int(old["TTL"])
    if former <= new["TTL"]:
        adoption.print(f"{name} has a TTL of {former} s; nothing to lower.")
        return adoption.end("lower-ttl", [old], [])
    adoption.show(f"The record of {name}:", [old])
    adoption.show("is replaced by:", [new])
    adoption.folder.prepare_lower_ttl(shown.batch)
    if not adoption.confirmed(shown, lambda: _proposal(adoption)):
        return DECLINED
    # Before, too: the command may end without knowing whether the change is made.
    adoption.folder.note_lowered(former)
    try:
        adoption.send(shown.batch)
    finally:
        adoption.folder.note_lowered(former)
    adoption.print(f"Lowered. Resolvers may have the former TTL for another {former} s.")
    return adoption.end("lower-ttl", [new], ["lower-ttl.json", "restore-ttl.json"])


def _proposal(adoption: AdoptionCommand) -> Proposal:
    name = adoption.settings.device_name
    old = simple_cname(name, adoption.records.current())
    new = {**old, "TTL": adoption.settings.endpoint.ttl}
    return Proposal(ChangeBatch(f"iot-dr adopt lower-ttl: {name}", (old,), (new,)))
