"""Lambda handler for a schedule, a manual call with `{}`, and a checkpoint of an earlier run.

A schedule starts no comparison while one is running; a manual call ends that one.

A manual call with `{"confirm_deletions": true}` captures missing entities as deleted, however many
they are. Its variables are those of RegistryVariable. A wrong one fails
the initialization of the function.
"""

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.contract import OVERRUN, RESERVES, SCHEDULES, RegistryVariable
from functions.probe.variables import Variables
from functions.registry.entity import EntityError
from functions.registry.failures import reject
from functions.registry.queue import Queue, json_object
from functions.registry.services import services
from functions.registry.stamp import wall_clock
from functions.registry_reconcile.checkpoint import Checkpoint
from functions.registry_reconcile.lease import Lease
from functions.registry_reconcile.pace import Pace
from functions.registry_reconcile.reconciler import Reconciler

_RESERVE = RESERVES["registry_reconcile"]
# A device takes about twelve calls, one after the other; so eight at a time reach the rate.
_WORKERS = 8
_VARIABLES = Variables(os.environ)
_QUEUE_URL = _VARIABLES.text(RegistryVariable.RECONCILE_QUEUE)
_RATE = _VARIABLES.number(RegistryVariable.RATE, default=0)
_SERVICES = services(_VARIABLES)
_QUEUE = Queue(_SERVICES.sqs, _QUEUE_URL)
_LEASE = Lease(client=_SERVICES.table.client, table=_SERVICES.table.name, region=_SERVICES.region)


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
    """Compare from the start or from a checkpoint; return as `done` whether all is compared.

    Raises what has to be tried again. A malformed checkpoint is dead-lettered. Raises ValueError if
    `confirm_deletions` is not a boolean. A region outside the environment compares nothing.
    """
    if not _SERVICES.is_in_environment:
        return {"done": True}
    try:
        checkpoint = _checkpoint(event)
    except EntityError as error:
        reject(error, _SERVICES.dead_letters, _SERVICES.metrics, message=str(event))
        return {"done": True}
    if checkpoint is None:
        return {"done": True}
    # Without a rate one after the other: an emulator has no quotas that threads could exhaust.
    with ThreadPoolExecutor(_WORKERS) as pool:
        return _compare(checkpoint, context, pool if _RATE else None)


def _compare(checkpoint: Checkpoint, context: Any, pool: Executor | None) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
    reconciler = Reconciler(
        access=_SERVICES.access(),
        table=_SERVICES.table,
        capture=_SERVICES.capture(),
        excluded=_SERVICES.excluded,
        enqueue=_SERVICES.retry.enqueue,
        measure=_SERVICES.brake.measure if _SERVICES.brake else lambda _entities: None,
        pace=Pace(rate=_RATE),
        pool=pool,
        workers=_WORKERS if pool else 1,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )
    try:
        next_checkpoint = reconciler.run(checkpoint)
        if next_checkpoint is not None:
            _QUEUE.send(replace(next_checkpoint, step=checkpoint.step + 1).message())
        else:
            _LEASE.end(checkpoint.run, checkpoint.step, wall_clock())
    finally:
        _SERVICES.metrics.put(dict(reconciler.counts), cause="; ".join(reconciler.causes))
    return {"done": next_checkpoint is None}


def _checkpoint(event: dict[str, Any]) -> Checkpoint | None:
    """Return where to compare from, None if another comparison is running instead."""
    records, now = event.get("Records"), wall_clock()
    if records is not None:
        (record,) = records
        checkpoint = Checkpoint.from_message(json_object(record["body"]))
        if checkpoint.run:
            return checkpoint if _LEASE.renew(checkpoint.run, checkpoint.step, now) else None
    confirmed = event.get("confirm_deletions", False)
    if not isinstance(confirmed, bool):
        raise ValueError(f"confirm_deletions is {confirmed!r}, expected true or false")
    if event.get("source") != SCHEDULES:
        _LEASE.take_over(now)
        return Checkpoint(run=now, counting=not confirmed)
    # An invocation that failed comes again with the same time: it is the same comparison.
    run = _time_of(event, now)
    if _LEASE.take(run, now):
        return Checkpoint(run=run)
    _SERVICES.metrics.put({OVERRUN: 1})
    return None


def _time_of(event: dict[str, Any], now: int) -> int:
    try:
        return int(datetime.fromisoformat(event["time"]).timestamp() * 1000)
    except (KeyError, TypeError, ValueError):
        return now
