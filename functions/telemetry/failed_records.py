"""The queue of stream records that can never be written."""

import json
from dataclasses import dataclass
from typing import Protocol

from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord

# Characters. An SQS message of 256 KiB is accepted in every region (the maximum was raised later:
# docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html). An MQTT
# payload has up to 128 KB, which fits even after being base64-encoded twice.
_MAX_DATA = 250_000


class SqsClient(Protocol):
    """The method of boto3's SQS client that is used here; the names are boto3's."""

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - boto3's name
        MessageBody: str,  # noqa: N803 - boto3's name
    ) -> object:
        """Send a message."""
        ...


@dataclass(frozen=True, kw_only=True)
class FailedRecords:
    """Sends failed records to an SQS queue, with their position in the stream and the reason."""

    client: SqsClient
    queue_url: str

    def send(self, record: KinesisStreamRecord, reason: str) -> None:
        """Send a record.

        Its data is null if it is too large for a message. Raises as boto3 does.
        """
        shard, _, _ = record.event_id.partition(":")
        data = record.kinesis.data
        body = {
            "reason": reason,
            "stream": record.event_source_arn,
            "shard": shard,
            "sequence": record.kinesis.sequence_number,
            "data": data if len(data) <= _MAX_DATA else None,
        }
        self.client.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(body))
