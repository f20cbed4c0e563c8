"""What Lambda calls on a schedule, by hand with `{}`, and with a message of an earlier run.

By hand with `{"confirm_deletions": true}` it takes for deleted what is gone, however much that is.
Variables: those of functions/registry/services.py, and REGISTRY_RECONCILE_QUEUE, the URL of the
queue whose messages, one at a time, go on where a run has stopped. A wrong one stops the function
before its first run.
"""

import os
from typing import Any

from functions.probe.variables import Variables
from functions.registry.batches import refuse
from functions.registry.entity import EntityError
from functions.registry.queue import Queue, object_of
from functions.registry.services import services
from functions.registry_reconcile.place import Place
from functions.registry_reconcile.reconciler import Reconciler

# Milliseconds: what one entity and the message to the next run take when AWS is slow.
_RESERVE = 60_000

_VARIABLES = Variables(os.environ)
_QUEUE_URL = _VARIABLES.text("REGISTRY_RECONCILE_QUEUE")
_SERVICES = services(_VARIABLES)
_QUEUE = Queue(_SERVICES.sqs, _QUEUE_URL)


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
    """Compare from the beginning or from a message's place on; raises what has to be tried again.

    A message that is no place is parked, and a confirmation that is neither true nor false raises
    ValueError. In a region that is not the environment's nothing is done.
    """
    if not _SERVICES.serves:
        return {"done": True}
    try:
        place = _place(event)
    except EntityError as error:
        refuse(error, _SERVICES.parked, _SERVICES.metrics)
        return {"done": True}
    access = _SERVICES.access()
    reconciler = Reconciler(
        access=access,
        log=_SERVICES.log,
        capture=_SERVICES.capture(),
        excluded=_SERVICES.excluded,
        ask_for=_SERVICES.retry.ask_for,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )
    try:
        rest = reconciler.run(place)
        if rest is not None:
            _QUEUE.send(rest.message())
    finally:
        _SERVICES.metrics.put(dict(reconciler.counts), cause="; ".join(reconciler.causes))
    return {"done": rest is None}


def _place(event: dict[str, Any]) -> Place:
    records = event.get("Records")
    if records is None:
        confirmed = event.get("confirm_deletions", False)
        if not isinstance(confirmed, bool):
            raise ValueError(f"confirm_deletions is {confirmed!r}, expected true or false")
        return Place(counting=not confirmed)
    (record,) = records
    return Place.of(object_of(record["body"]))
