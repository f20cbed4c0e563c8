"""SQS queues, and messages whose body names an entity."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError

from functions.registry.access.errors import RetryableError
from functions.registry.entity import Entity, EntityError

MAX_DELAY = 900
"""Seconds: the maximum of DelaySeconds in SQS.

docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

_BATCH = 10
_FIRST_BACKOFF = 15
# 15 s * 2**6 is already more than MAX_DELAY.
_MAX_EXPONENT = 6


class SqsClient(Protocol):
    """The methods of boto3's SQS client that are used here."""

    def send_message(self, **request: object) -> object:
        """Send a message."""
        ...

    def send_message_batch(self, **request: object) -> dict[str, Any]:
        """Send up to _BATCH messages; return those that SQS did not take as `Failed`."""
        ...

    def change_message_visibility(self, **request: object) -> object:
        """Set the visibility timeout of a received message."""
        ...


@dataclass(frozen=True)
class Queue:
    """An SQS queue by its URL; raises ClientError or BotoCoreError as boto3 does."""

    client: SqsClient
    url: str

    def send(self, body: Mapping[str, object], delay: int = 0) -> None:
        """Send a JSON message that becomes visible after `delay` seconds, at most MAX_DELAY."""
        self.client.send_message(
            QueueUrl=self.url,
            MessageBody=json.dumps(body),
            DelaySeconds=min(delay, MAX_DELAY),
        )

    def enqueue(self, entity: Entity, delay: int = 0) -> None:
        """Send a message that names an entity."""
        self.send({"entity": entity.key}, delay)

    def enqueue_all(self, entities: Sequence[Entity]) -> None:
        """Send a message for each entity, ten with a call; also raises if SQS does not take one.

        docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
        """
        for start in range(0, len(entities), _BATCH):
            few = entities[start : start + _BATCH]
            entries = [
                {"Id": str(number), "MessageBody": json.dumps({"entity": entity.key})}
                for number, entity in enumerate(few)
            ]
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if failed := answer.get("Failed"):
                raise RetryableError(f"SQS took {len(few) - len(failed)} of {len(few)} messages")

    def back_off(self, receipt: str, received: int) -> None:
        """Make a failed message visible again after 15 s, twice as many for each further receive.

        It is never more than MAX_DELAY. If the call fails, the queue's own timeout remains.
        """
        seconds = _FIRST_BACKOFF * 2 ** min(received - 1, _MAX_EXPONENT)
        with suppress(BotoCoreError, ClientError):
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=min(seconds, MAX_DELAY)
            )


def json_object(body: str) -> Mapping[str, object]:
    """Parse a message body; raises EntityError if it is not a JSON object."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EntityError(f"the message is not JSON: {type(error).__name__}") from error
    if not isinstance(message, dict):
        raise EntityError("the message is not a JSON object")
    return cast("Mapping[str, object]", message)


def entity_in(message: Mapping[str, object]) -> Entity:
    """Return the entity that a message names; raises EntityError if it does not name one."""
    key = message.get("entity")
    if not isinstance(key, str):
        raise EntityError("the message does not name an entity")
    return Entity.parse(key)
