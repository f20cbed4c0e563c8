"""What Lambda calls for a batch of messages that say what may have changed in this region.

Variables: those of functions/registry/services.py, and REGISTRY_CHANGES_QUEUE, the URL of the queue
of these messages. A wrong one stops the function before its first message.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.probe.variables import Variables
from functions.registry.batches import told
from functions.registry.queue import Queue
from functions.registry.services import services
from functions.registry_capture.asking import Asking
from functions.registry_capture.capturing import Capturing
from functions.registry_capture.home import Home

# Milliseconds: what one message takes when AWS is slow.
_RESERVE = 20_000

_VARIABLES = Variables(os.environ)
_QUEUE_URL = _VARIABLES.text("REGISTRY_CHANGES_QUEUE")
_SERVICES = services(_VARIABLES)
_ASKING = Asking(
    log=_SERVICES.log,
    region=_SERVICES.region,
    excluded=_SERVICES.excluded,
    ask_for=Queue(_SERVICES.sqs, _QUEUE_URL).ask_for,
    metrics=_SERVICES.metrics,
)
_PROCESSOR = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def handle(event: dict[str, Any], context: Any) -> Mapping[str, object]:  # noqa: ANN401 - as powertools has it
    """Capture what each message names; tells which messages have to come again.

    In a region that is not the environment's nothing is done.
    """
    if not _SERVICES.serves:
        return {"batchItemFailures": list[object]()}
    capturing = Capturing(
        capture=replace(_SERVICES.capture(), first=_ASKING),
        home=Home(_SERVICES.account_id, _SERVICES.region),
        excluded=_SERVICES.excluded,
        retry=_SERVICES.retry,
        parked=_SERVICES.parked,
        metrics=_SERVICES.metrics,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )

    def one(record: SQSRecord) -> None:
        with told(_SERVICES.metrics):
            capturing(record.body)

    return process_partial_response(event, one, _PROCESSOR, context)
