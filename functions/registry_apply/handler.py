"""Lambda handler for the stream of the registry table, the retry queue and that of shadows.

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

from functions.contract import RESERVES, RegistryVariable
from functions.probe.variables import Variables
from functions.registry.failures import counting_retries
from functions.registry.queue import Queue
from functions.registry.services import services
from functions.registry_apply.consumer import ApplyConsumer, RetryMessage, is_of_shadow

_RESERVE = RESERVES["registry_apply"]
_VARIABLES = Variables(os.environ)
_SHADOWS_URL = _VARIABLES.text(RegistryVariable.SHADOWS_QUEUE)
_SERVICES = services(_VARIABLES)
_SHADOWS = Queue(_SERVICES.sqs, _SHADOWS_URL)
_SHADOWS_NAME = _SHADOWS_URL.rpartition("/")[2]
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
        shadows=_SHADOWS,
        dead_letters=_SERVICES.dead_letters,
        metrics=_SERVICES.metrics,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )

    def apply_record(record: DynamoDBRecord) -> None:
        with counting_retries(_SERVICES.metrics):
            applying.record(record.raw_event)

    def apply_message(record: SQSRecord) -> None:
        name = record.event_source_arn.rpartition(":")[2]
        message = RetryMessage(
            body=record.body,
            receipt=record.receipt_handle,
            queue=_SHADOWS if name == _SHADOWS_NAME else _SERVICES.retry,
            first=int(record.attributes.approximate_first_receive_timestamp),
            received=int(record.attributes.approximate_receive_count),
        )
        with counting_retries(_SERVICES.metrics):
            applying.message(message)

    records = event["Records"]
    if records[0]["eventSource"] == "aws:dynamodb":
        shadows = [each for each in records if is_of_shadow(each)]
        failures = list[object]()
        if others := [each for each in records if not is_of_shadow(each)]:
            rest = process_partial_response({"Records": others}, apply_record, _STREAM, context)
            failures += rest["batchItemFailures"]
        return {"batchItemFailures": [*failures, *_forward(applying, shadows)]}
    return process_partial_response(event, apply_message, _QUEUE, context)


def _forward(applying: ApplyConsumer, shadows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Forward the records of shadows; if that fails, return the first: Lambda goes back to it."""
    try:
        with counting_retries(_SERVICES.metrics):
            applying.forward(shadows)
    except Exception:  # noqa: BLE001 - reported to Lambda, and counted
        return [{"itemIdentifier": shadows[0]["dynamodb"]["SequenceNumber"]}]
    return []
