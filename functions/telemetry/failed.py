"""The queue of records that cannot be written."""

import json
from dataclasses import dataclass
from typing import Protocol

from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord

# A message of SQS had 256 KiB at the most for long, and has them everywhere. What IoT Core takes
# (128 KB) fits, though it is base64 twice by now.
_LONGEST_DATA = 250_000


class Sqs(Protocol):
    """The call of boto3's SQS client that is used here; the names are boto3's."""

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - boto3's name
        MessageBody: str,  # noqa: N803 - boto3's name
    ) -> object:
        """Send a message."""
        ...


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Tells the queue of a record, where in the stream it is, and why it cannot be written."""

    client: Sqs
    queue_url: str

    def tell(self, record: KinesisStreamRecord, reason: str) -> None:
        """Send a record with the reason; one too large for a message goes without its data.

        Raises what boto3 raises.
        """
        shard, _, _ = record.event_id.partition(":")
        data = record.kinesis.data
        body = {
            "reason": reason,
            "stream": record.event_source_arn,
            "shard": shard,
            "sequence": record.kinesis.sequence_number,
            "data": data if len(data) <= _LONGEST_DATA else None,
        }
        self.client.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(body))
