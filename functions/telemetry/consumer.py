"""Processing of a batch of Kinesis records."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord

from functions.probe.aws_error import code_of
from functions.probe.metrics import Metrics
from functions.telemetry.failed_records import FailedRecords
from functions.telemetry.message import DeviceMessage, UnwritableRecordError
from functions.telemetry.states import StateTable

_LOG = logging.getLogger(__name__)


class _StopAtFirstFailure(BatchProcessor):
    """Stops at the first record that fails, because Lambda retries from it on.

    With ReportBatchItemFailures Lambda takes the lowest failed sequence number as its checkpoint:
    docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
    """

    def __init__(self) -> None:
        # By default Powertools raises if every record fails. Lambda would then retry the whole
        # batch (halved, with BisectBatchOnFunctionError) instead of reading batchItemFailures.
        super().__init__(EventType.KinesisDataStreams, raise_on_entire_batch_failure=False)

    def process(self) -> list[tuple[Any, ...]]:
        # Powertools does not type these members.
        processor: Any = self
        results: list[tuple[Any, ...]] = []
        for record in processor.records:
            results.append(processor._process_record(record))  # noqa: SLF001 - its own
            if results[-1][0] == "fail":
                break
        return results


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """Writes the messages of a batch in order, and counts the results."""

    states: StateTable
    failed: FailedRecords
    metrics: Metrics

    def consume(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Process a batch and return the response for Lambda, with the record to retry from.

        A record that can never be written is sent to the queue and blocks nothing. Any other error
        ends the batch, which is retried from there.
        """
        counted = Counter(Written=0, Overtaken=0, Refused=0, Interrupted=0, NotJsonObject=0)

        def write(record: KinesisStreamRecord) -> None:
            counted.update(self._write(record))

        processor = _StopAtFirstFailure()
        response = process_partial_response(dict(event), write, processor)
        for _, error, _ in processor.exceptions:
            counted["Interrupted"] += 1
            reason = code_of(error) or type(error).__name__
            _LOG.warning("processing stopped; the batch is retried from this record: %s", reason)
        self.metrics.put(counted)
        return response

    def _write(self, record: KinesisStreamRecord) -> list[str]:
        payload = record.kinesis
        try:
            message = DeviceMessage.read(payload.data_as_bytes(), payload.sequence_number)
            result = "Written" if self.states.write(message) else "Overtaken"
        except UnwritableRecordError as error:
            self.failed.send(record, str(error))
            return ["Refused"]
        return [result] if message.is_object else [result, "NotJsonObject"]
