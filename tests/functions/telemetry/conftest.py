"""A region with a table of states and a queue of failures, and the consumer that works on them."""

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, cast

import boto3.session
import pytest
from botocore.config import Config

from functions.telemetry.consumer import Consumer
from functions.telemetry.failed_records import FailedRecords
from functions.telemetry.states import StateTable
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import Faults, faults_before
from tests.functions.world import Log
from tests.support.aws_account import account

REGION = "eu-west-1"
_numbers = count()


@dataclass
class World:
    """What a test looks at: states, failures and the consumer's log."""

    faults: Faults
    table: str
    queue_url: str
    log: Log = field(default_factory=Log)

    def aws(self, service: str) -> Any:
        """Return a client that sees the account as it is."""
        return client(service, REGION, self.faults.endpoint)

    @property
    def consumer(self) -> Consumer:
        """A consumer whose clients try once."""
        dynamodb, sqs = (_hasty(name, self.faults.endpoint) for name in ("dynamodb", "sqs"))
        return Consumer(
            states=StateTable(client=dynamodb, table=self.table, region=REGION),
            failed=FailedRecords(client=sqs, queue_url=self.queue_url),
            metrics=self.log.metrics(),
        )

    def item(self, device: str, topic: str | None = None) -> dict[str, Any] | None:
        """Return the item of a device's topic, without the types of its values."""
        region = REGION if topic is None else f"{REGION}/{topic}"
        key = {"device": {"S": device}, "region": {"S": region}}
        result = self.aws("dynamodb").get_item(TableName=self.table, Key=key)
        item = result.get("Item")
        return item and {name: text for name, each in item.items() for text in each.values()}

    def state(self, device: str, topic: str | None = None) -> Any:
        """Return the state that the item of a device's topic holds."""
        item = self.item(device, topic)
        return item and json.loads(item["state"])

    def failures(self) -> list[dict[str, Any]]:
        """Take what was sent to the queue."""
        answer = self.aws("sqs").receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


@cache
def _hasty(service: str, endpoint: str) -> Any:
    """Return a client that tries once."""
    return cast("Any", boto3.session.Session()).client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


@pytest.fixture(scope="session")
def server() -> Generator[Faults]:
    with account("111111111111") as moto, faults_before(moto) as faults:
        yield faults


@pytest.fixture
def world(server: Faults) -> World:
    """An empty table and an empty queue, with everything well."""
    server.clear()
    name = f"telemetry-{next(_numbers)}"
    keys = (("device", "HASH"), ("region", "RANGE"))
    client("dynamodb", REGION, server.endpoint).create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each, _ in keys],
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    queue = client("sqs", REGION, server.endpoint).create_queue(QueueName=name)
    return World(server, name, queue["QueueUrl"])
