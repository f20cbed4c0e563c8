"""`iot-dr adopt back`: restores the device name's old record."""

from collections.abc import Sequence

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
from iot_dr.cli.confirmation import RefusedError
from iot_dr.cli.options import EnvironmentOption, JsonOption, YesOption
from iot_dr.common.terraform_binary import product
from iot_dr.observe.switch.record_sets import RecordSet, are_equal, simple_cname, targets
from iot_dr.operate.adopt.batch_folder import BACK, CUT_OVER
from iot_dr.operate.adopt.change_batch import ChangeBatch
from iot_dr.operate.adopt.situation import AdoptionSituation


def back(
    env: EnvironmentOption,
    folder: FolderOption = None,
    yes: YesOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Restore the device name's old record in place of its failover records.

    Both changes are in one change batch. Reads the old record from back.json in the folder, which
    `cut-over` wrote. Refuses if its region is unhealthy or switched away, or if the
    record's target does not serve the device name to this machine. Afterwards set
    `existing.cut_over: false` and deploy the entry point, so that Terraform forgets the
    failover records. Exits like `cut-over`.

    Example: iot-dr adopt back --env prod
    """
    raise typer.Exit(_back(AdoptionCommand.of(env, folder, yes=yes, as_json=as_json), force=force))


def _back(adoption: AdoptionCommand, *, force: bool) -> int:
    name, existing = adoption.settings.device_name, adoption.records.existing
    former = adoption.folder.back(name).created
    old = simple_cname(name, former)
    current = adoption.records.current()
    if are_equal(former, current):
        adoption.show(f"{name} has its old record already:", former)
        return adoption.end("back", former, [])
    shown = _proposal(adoption, old, current)
    adoption.show(f"The records of {name}:", current)
    adoption.show("are replaced, in one change batch, by:", [old])
    refuse(shown.reasons, force=force)
    adoption.folder.prepare_back(shown.batch)
    if not adoption.confirmed(
        shown, lambda: _proposal(adoption, old, adoption.records.current()), force=force
    ):
        return DECLINED
    adoption.send(shown.batch)
    environment = adoption.settings.environment
    adoption.print(f"{name} has its old record.")
    if existing.cut_over:
        adoption.print(
            f"Set existing.cut_over: false in {settings_file(environment)} and deploy: {product()}"
            " forgets the failover records. Until then a deployment would try to create them, which"
            " Route 53 refuses."
        )
    return adoption.end("back", [old], [BACK, CUT_OVER])


def _proposal(adoption: AdoptionCommand, old: RecordSet, current: Sequence[RecordSet]) -> Proposal:
    name = adoption.settings.device_name
    if not all(record.get("Failover") for record in current):
        raise RefusedError(
            f"{name} has records that are not its failover records; compare them with"
            f" {adoption.folder.path / BACK}"
        )
    target = next(iter(targets(old)), "")
    situation = AdoptionSituation.observe(adoption.settings, target=target)
    # As they are now: Terraform may have changed them since the cut-over.
    batch = ChangeBatch(f"iot-dr adopt back: {name}", tuple(current), (old,))
    return Proposal(batch, list(situation.against_return()))
