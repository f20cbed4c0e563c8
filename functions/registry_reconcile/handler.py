"""Lambda handler for a schedule, a manual call with `{}`, and a checkpoint of an earlier run.

A manual call with `{"confirm_deletions": true}` captures missing entities as deleted, however many
they are. Its variables are those of RegistryVariable. A wrong one fails
the initialization of the function.
"""

import os
from typing import Any

from functions.contract import RESERVES, RegistryVariable
from functions.probe.variables import Variables
from functions.registry.entity import EntityError
from functions.registry.failures import reject
from functions.registry.queue import Queue, json_object
from functions.registry.services import services
from functions.registry_reconcile.checkpoint import Checkpoint
from functions.registry_reconcile.reconciler import Reconciler

_RESERVE = RESERVES["registry_reconcile"]
_VARIABLES = Variables(os.environ)
_QUEUE_URL = _VARIABLES.text(RegistryVariable.RECONCILE_QUEUE)
_SERVICES = services(_VARIABLES)
_QUEUE = Queue(_SERVICES.sqs, _QUEUE_URL)


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
    """Compare from the start or from a checkpoint; return as `done` whether all is compared.

    Raises what has to be tried again. A malformed checkpoint is parked. Raises ValueError if
    `confirm_deletions` is not a boolean. A region outside the environment compares nothing.
    """
    if not _SERVICES.is_in_environment:
        return {"done": True}
    try:
        checkpoint = _checkpoint(event)
    except EntityError as error:
        reject(error, _SERVICES.parked, _SERVICES.metrics)
        return {"done": True}
    access = _SERVICES.access()
    reconciler = Reconciler(
        access=access,
        table=_SERVICES.table,
        capture=_SERVICES.capture(),
        excluded=_SERVICES.excluded,
        enqueue=_SERVICES.retry.enqueue,
        measure=_SERVICES.brake.measure if _SERVICES.brake else lambda _entities: None,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )
    try:
        next_checkpoint = reconciler.run(checkpoint)
        if next_checkpoint is not None:
            _QUEUE.send(next_checkpoint.message())
    finally:
        _SERVICES.metrics.put(dict(reconciler.counts), cause="; ".join(reconciler.causes))
    return {"done": next_checkpoint is None}


def _checkpoint(event: dict[str, Any]) -> Checkpoint:
    records = event.get("Records")
    if records is None:
        confirmed = event.get("confirm_deletions", False)
        if not isinstance(confirmed, bool):
            raise ValueError(f"confirm_deletions is {confirmed!r}, expected true or false")
        return Checkpoint(counting=not confirmed)
    (record,) = records
    return Checkpoint.from_message(json_object(record["body"]))
