"""What Lambda calls for records of the table's stream, and for messages of the retry queue.

Variables: those of functions/registry/services.py. A wrong one stops the function before its first
record.
"""

import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.probe.variables import Variables
from functions.registry.batches import told
from functions.registry.services import services
from functions.registry_apply.applying import Applying, Message

# Milliseconds: what one entity takes when AWS is slow.
_RESERVE = 20_000

_SERVICES = services(Variables(os.environ))
_STREAM = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
_QUEUE = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def handle(event: dict[str, Any], context: Any) -> Mapping[str, object]:  # noqa: ANN401 - as powertools has it
    """Apply what a batch of either source names; tells which of it has to come again.

    In a region that is not the environment's nothing is done.
    """
    if not _SERVICES.serves:
        return {"batchItemFailures": list[object]()}
    applying = Applying(
        apply=_SERVICES.apply(),
        region=_SERVICES.region,
        excluded=_SERVICES.excluded,
        retry=_SERVICES.retry,
        parked=_SERVICES.parked,
        metrics=_SERVICES.metrics,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )

    def changed(record: DynamoDBRecord) -> None:
        with told(_SERVICES.metrics):
            applying.record(record.raw_event)

    def asked(record: SQSRecord) -> None:
        message = Message(
            body=record.body,
            receipt=record.receipt_handle,
            sent=int(record.attributes.sent_timestamp),
            received=int(record.attributes.approximate_receive_count),
        )
        with told(_SERVICES.metrics):
            applying.message(message)

    if event["Records"][0]["eventSource"] == "aws:dynamodb":
        return process_partial_response(event, changed, _STREAM, context)
    return process_partial_response(event, asked, _QUEUE, context)
