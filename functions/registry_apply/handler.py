"""Lambda handler for the stream of the registry table and for the retry queue.

Its variables are those of RegistryVariable. A wrong one fails the initialization of the function.
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

from functions.contract import RESERVES
from functions.probe.variables import Variables
from functions.registry.failures import counting_retries
from functions.registry.services import services
from functions.registry_apply.consumer import ApplyConsumer, RetryMessage

_RESERVE = RESERVES["registry_apply"]
_SERVICES = services(Variables(os.environ))
_STREAM = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
_QUEUE = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def handle(event: dict[str, Any], context: Any) -> Mapping[str, object]:  # noqa: ANN401 - as powertools has it
    """Apply each record or message of a batch; return the failed ones as `batchItemFailures`.

    docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting.
    A region outside the environment applies nothing.
    """
    if not _SERVICES.is_in_environment:
        return {"batchItemFailures": list[object]()}
    applying = ApplyConsumer(
        apply=_SERVICES.apply(),
        region=_SERVICES.region,
        excluded=_SERVICES.excluded,
        retry=_SERVICES.retry,
        parked=_SERVICES.parked,
        metrics=_SERVICES.metrics,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )

    def apply_record(record: DynamoDBRecord) -> None:
        with counting_retries(_SERVICES.metrics):
            applying.record(record.raw_event)

    def apply_message(record: SQSRecord) -> None:
        message = RetryMessage(
            body=record.body,
            receipt=record.receipt_handle,
            sent=int(record.attributes.sent_timestamp),
            received=int(record.attributes.approximate_receive_count),
        )
        with counting_retries(_SERVICES.metrics):
            applying.message(message)

    if event["Records"][0]["eventSource"] == "aws:dynamodb":
        return process_partial_response(event, apply_record, _STREAM, context)
    return process_partial_response(event, apply_message, _QUEUE, context)
