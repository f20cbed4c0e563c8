"""How a batch of the stream is worked off."""

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
from functions.telemetry.failed import Failed
from functions.telemetry.message import Message, RefusedError
from functions.telemetry.states import States

_LOG = logging.getLogger(__name__)


class _UpToTheFirstFailure(BatchProcessor):
    """Stops at the first record that fails: Lambda gives it again with all that follow it."""

    def __init__(self) -> None:
        # Raising for a batch of failures would halve it, and tell nothing more.
        super().__init__(EventType.KinesisDataStreams, raise_on_entire_batch_failure=False)

    def process(self) -> list[tuple[Any, ...]]:
        # Powertools leaves out the types of these.
        own: Any = self
        done: list[tuple[Any, ...]] = []
        for record in own.records:
            done.append(own._process_record(record))  # noqa: SLF001 - its own
            if done[-1][0] == "fail":
                break
        return done


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """Writes the messages of a batch in their order, and counts what came of them."""

    states: States
    failed: Failed
    metrics: Metrics

    def consume(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Work off one batch; give the answer to Lambda, which names the record to go on from.

        A record that can never be written goes to the queue and holds nothing up. Any other error
        ends the batch there, to be tried again.
        """
        counted = Counter(Written=0, Overtaken=0, Refused=0, Interrupted=0)

        def take(record: KinesisStreamRecord) -> None:
            counted[self._take(record)] += 1

        processor = _UpToTheFirstFailure()
        answer = process_partial_response(dict(event), take, processor)
        for _, error, _ in processor.exceptions:
            counted["Interrupted"] += 1
            reason = code_of(error) or type(error).__name__
            _LOG.warning("the batch ends early, and is tried again from there: %s", reason)
        self.metrics.put(counted)
        return answer

    def _take(self, record: KinesisStreamRecord) -> str:
        payload = record.kinesis
        try:
            message = Message.read(payload.data_as_bytes(), payload.sequence_number)
            return "Written" if self.states.write(message) else "Overtaken"
        except RefusedError as error:
            self.failed.tell(record, str(error))
            return "Refused"
