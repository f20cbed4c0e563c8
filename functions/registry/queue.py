"""Queues of SQS, and the messages in them that name an entity."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from functions.registry.entity import Entity, EntityError

LONGEST_DELAY = 900
"""The seconds for which SQS holds a message back at the most."""


class Sqs(Protocol):
    """The calls of boto3's SQS client that are used here."""

    def send_message(self, **request: object) -> object:
        """Send a message."""
        ...

    def change_message_visibility(self, **request: object) -> object:
        """Set for how long a message that was received is hidden."""
        ...


@dataclass(frozen=True)
class Queue:
    """A queue by its URL; raises ClientError or BotoCoreError when SQS does not take a call."""

    client: Sqs
    url: str

    def send(self, body: Mapping[str, object], delay: int = 0) -> None:
        """Send a message that can be received in `delay` seconds."""
        self.client.send_message(
            QueueUrl=self.url,
            MessageBody=json.dumps(body),
            DelaySeconds=min(delay, LONGEST_DELAY),
        )

    def ask_for(self, entity: Entity, delay: int = 0) -> None:
        """Send a message that names an entity."""
        self.send({"entity": entity.key}, delay)

    def hide(self, receipt: str, seconds: int) -> None:
        """Let a message that was received come again in so many seconds."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=min(seconds, LONGEST_DELAY)
        )


def object_of(body: str) -> Mapping[str, object]:
    """Read a message's body; raises EntityError when it is no JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EntityError(f"the message is no JSON: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise EntityError("the message is no JSON object")
    return cast("Mapping[str, object]", found)


def entity_of(message: Mapping[str, object]) -> Entity:
    """Give the entity that a message names; raises EntityError when it names none."""
    key = message.get("entity")
    if not isinstance(key, str):
        raise EntityError("the message names no entity")
    return Entity.parse(key)
