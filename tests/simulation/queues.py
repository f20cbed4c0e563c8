"""The SQS queues of one region."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.simulation.things import Request

_MOST_DELAY = 900


class Sqs:
    """The queues of a region by name; a message is visible from its time `visible` on."""

    def __init__(self, names: Iterable[str], now: Callable[[], int]) -> None:
        self.waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        self._now, self._count = now, 0

    def put(self, queue: str, body: object, delay: int = 0) -> None:
        """Put a message into a queue, visible after `delay` milliseconds."""
        self._count += 1
        now, text = self._now(), body if isinstance(body, str) else json.dumps(body)
        self.waiting[queue].append(
            {"id": f"{self._count}", "body": text, "sent": now, "received": 0,
             "visible": now + delay}
        )  # fmt: skip

    def send_message(self, r: Request) -> None:
        assert 0 <= r.get("DelaySeconds", 0) <= _MOST_DELAY, "DelaySeconds is out of range"
        self.put(r["QueueUrl"], r["MessageBody"], r.get("DelaySeconds", 0) * 1000)

    def send_message_batch(self, r: Request) -> Any:
        for entry in r["Entries"]:
            self.send_message({"QueueUrl": r["QueueUrl"], **entry})
        return {"Successful": [{"Id": entry["Id"]} for entry in r["Entries"]]}

    def change_message_visibility(self, r: Request) -> None:
        for message in self.waiting[r["QueueUrl"]]:
            if message["id"] == r["ReceiptHandle"]:
                message["visible"] = self._now() + r["VisibilityTimeout"] * 1000

    def visible(self, queue: str) -> list[dict[str, Any]]:
        """Return the messages that may be received now."""
        return [each for each in self.waiting[queue] if each["visible"] <= self._now()]


def batch(queue: str, messages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return received messages as Lambda hands them over."""
    return {"Records": [
        {
            "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:here:1:{queue}",
            "messageId": message["id"], "receiptHandle": message["id"], "body": message["body"],
            "attributes": {
                "SentTimestamp": str(message["sent"]),
                "ApproximateFirstReceiveTimestamp": str(message["first"]),
                "ApproximateReceiveCount": str(message["received"]),
            },
        }
        for message in messages
    ]}  # fmt: skip
