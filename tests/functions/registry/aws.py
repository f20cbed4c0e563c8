"""A region of a made-up account in moto, with the table, the queues and the functions."""

import functools
import importlib
import json
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from functions.registry.entity import Entity
from functions.registry.row import Row
from functions.registry.stamp import wall_clock
from functions.registry.table import RegistryTable
from tests.support.fixed_moto import fix_moto
from tests.support.quick_moto import quicken

ACCOUNT = "123456789012"
TABLE = "iot-dev-device-registry"
QUEUES = ("changes", "shadows", "apply-shadows", "retry", "dead-letters", "reconcile")


@functools.cache
def _client(service: str, region: str, **options: Any) -> Any:
    """Make a client once: it costs more than a test."""
    made = _MAKE(service, region, **options)
    # moto does not know this call.
    made.meta.events.register("before-call.iot.ListCACertificates", _no_authorities)
    return made


def _no_authorities(**_call: object) -> tuple[object, dict[str, Any]]:
    return SimpleNamespace(status_code=200), {"certificates": []}


_MAKE = cast("Any", boto3).client

Handle = Callable[[dict[str, Any], Any], dict[str, Any]]


class Context:
    """What Lambda reports about a run; time runs out after `calls` questions for it."""

    def __init__(self, calls: int = 10_000) -> None:
        self.calls = calls

    def get_remaining_time_in_millis(self) -> int:
        self.calls -= 1
        return 120_000 if self.calls >= 0 else 1_000


class AwsRegion:
    """A region whose functions a test calls with what it likes."""

    def __init__(self, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.region = region
        self._monkeypatch = monkeypatch
        self.iot, self.shadows, self.sqs, self.dynamodb = (
            _client(service, region) for service in ("iot", "iot-data", "sqs", "dynamodb")
        )
        create_table(self.dynamodb)
        self.urls = {
            name: self.sqs.create_queue(QueueName=f"iot-dev-{name}")["QueueUrl"] for name in QUEUES
        }
        self.log = RegistryTable(self.dynamodb, TABLE)

    def load(self, function: str, **changes: str) -> Handle:
        """Load a function's handler again, as a cold start does, with some variables changed."""
        variables = {
            "AWS_REGION": self.region,
            "REGISTRY_TABLE": TABLE,
            "REGISTRY_ACCOUNT": ACCOUNT,
            "REGISTRY_ENVIRONMENT": "dev",
            "REGISTRY_REGIONS": "eu-west-1,eu-central-1",
            "REGISTRY_CHANGES_QUEUE": self.urls["changes"],
            "REGISTRY_RETRY_QUEUE": self.urls["retry"],
            "REGISTRY_PARKED_QUEUE": self.urls["dead-letters"],
            "REGISTRY_SHADOWS_QUEUE": self.urls["apply-shadows"],
            "REGISTRY_RECONCILE_QUEUE": self.urls["reconcile"],
            "REGISTRY_EXCLUDED_POLICIES": "",
            "REGISTRY_EXCLUDED_CA_CERTIFICATES": "",
            **changes,
        }
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        module = f"functions.registry_{function}.handler"
        self._monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module(module).handle

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take what waits in a queue, delayed or not."""
        result = self._held(queue)
        taken = [json.loads(message.body) for message in result]
        result.clear()
        return taken

    def receive(self, queue: str) -> dict[str, Any]:
        """Receive the one message of a queue, as Lambda hands it over."""
        (message,) = self.sqs.receive_message(QueueUrl=self.urls[queue])["Messages"]
        handed = batch(json.loads(message["Body"]), queue=queue)
        handed["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
        return handed

    def hidden(self, queue: str) -> list[int]:
        """Return the seconds until each message in a queue can be received again."""
        return [round(each.visible_at / 1000 - time.time()) for each in self._held(queue)]

    def delays(self, queue: str) -> list[int]:
        """Return the seconds for which each message in a queue is held back."""
        return [
            round((each.delayed_until - each.sent_timestamp) / 1000) for each in self._held(queue)
        ]

    def own(self, entity: Entity) -> Row | None:
        """Return the region's row of an entity."""
        rows = self.log.rows(entity)
        return next((row for row in rows if row.region == self.region), None)

    def records(self, after: int) -> list[dict[str, Any]]:
        """Return the records of the table's stream behind so many, as Lambda hands them over."""
        # moto does not answer DescribeStream.
        table = cast("Any", dynamodb_backends)[ACCOUNT][self.region].get_table(TABLE)
        return [each.to_json() for each in table.stream_shard.items[after:]]

    def _held(self, queue: str) -> list[Any]:
        # SQS itself shows no message without hiding it.
        queues = cast("Any", sqs_backends)[ACCOUNT][self.region].queues
        return queues[f"iot-dev-{queue}"]._messages  # noqa: SLF001 - see above


def create_table(dynamodb: Any) -> None:
    """Create the table as the stack of the data has it."""
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("entity", "region")
        ],
        KeySchema=[
            {"AttributeName": "entity", "KeyType": "HASH"},
            {"AttributeName": "region", "KeyType": "RANGE"},
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


@contextmanager
def made_up_account(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Return an empty account."""
    monkeypatch.setattr("boto3.client", _client)
    fix_moto(monkeypatch)
    quicken(monkeypatch)
    with mock_aws(config={"iot": {"use_valid_cert": True}}):
        yield


def batch(
    *bodies: object, received: int = 1, age: int = 0, queue: str = "changes"
) -> dict[str, Any]:
    """Return messages sent and received `age` ms ago as Lambda hands them over; a text as it is."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": str(received),
                    "SentTimestamp": str(wall_clock() - age),
                    "ApproximateFirstReceiveTimestamp": str(wall_clock() - age),
                },
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:iot-dev-{queue}",
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    """Return the ids that a function's answer says have to come again."""
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]
