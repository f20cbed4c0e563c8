"""The functions of the registry, run from their zips with what Lambda's runtime has."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from functions.registry.entity import Entity, Kind
from functions.registry.table import RegistryTable
from iot_dr.drill.play.account import client, variables
from tests.support.aws_account import account
from tests.support.lambda_runtime import invoke, runtime

REGION = "eu-central-1"
ACCOUNT = "111111111111"
THING = Entity(Kind.THING, "sensor-1")
KEYS = ("entity", "region")


class Home:
    """A region with a table, queues and a Python for functions."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint = endpoint
        self.runtime = runtime(folder)
        self.sqs, self.iot, self.dynamodb = map(self._client, ("sqs", "iot", "dynamodb"))
        self.dynamodb.create_table(
            TableName="rows",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
            KeySchema=[
                {"AttributeName": "entity", "KeyType": "HASH"},
                {"AttributeName": "region", "KeyType": "RANGE"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        self.urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("changes", "shadows", "retry", "dead-letters", "reconcile")
        }

    def call(self, what: str, *records: dict[str, Any], left: int = 120_000) -> Any:
        given = {
            "REGISTRY_TABLE": "rows",
            "REGISTRY_ACCOUNT": ACCOUNT,
            "REGISTRY_ENVIRONMENT": "dev",
            "REGISTRY_REGIONS": f"eu-west-1,{REGION}",
            "REGISTRY_CHANGES_QUEUE": self.urls["changes"],
            "REGISTRY_SHADOWS_QUEUE": self.urls["shadows"],
            "REGISTRY_RETRY_QUEUE": self.urls["retry"],
            "REGISTRY_PARKED_QUEUE": self.urls["dead-letters"],
            "REGISTRY_RECONCILE_QUEUE": self.urls["reconcile"],
            "REGISTRY_EXCLUDED_POLICIES": "example-dev-device",
            "REGISTRY_EXCLUDED_CA_CERTIFICATES": "",
            "AWS_REGION": REGION,
            **variables(self.endpoint),
        }
        answer, _ = invoke(
            f"registry_{what}", {"Records": list(records)}, self.runtime, given, left
        )
        return answer

    def dead_letters(self) -> list[dict[str, Any]]:
        result = self.sqs.receive_message(QueueUrl=self.urls["dead-letters"]).get("Messages", [])
        return [json.loads(each["Body"]) for each in result]

    def _client(self, name: str) -> Any:
        return client(name, REGION, self.endpoint)


@pytest.fixture
def home(tmp_path: Path) -> Generator[Home]:
    with account(ACCOUNT) as endpoint:
        yield Home(endpoint, tmp_path / "runtime")


def message(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": "one",
        "body": json.dumps(body),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes",
    }


def test_from_its_zip_capture_writes_down_a_thing_that_an_event_of_iot_core_names(
    home: Home,
) -> None:
    home.iot.create_thing(thingName="sensor-1")
    event = {
        "eventType": "THING_EVENT",
        "timestamp": 1_700_000_000_000,
        "operation": "CREATED",
        "accountId": ACCOUNT,
        "thingName": "sensor-1",
    }
    assert home.call("capture", message(event)) == {"batchItemFailures": []}
    (row,) = RegistryTable(home.dynamodb, "rows").rows(THING)
    assert row.region == REGION
    assert row.state
    assert home.dead_letters() == []


def test_from_its_zip_the_reconciler_dead_letters_what_is_not_a_place_to_go_on_at(
    home: Home,
) -> None:
    assert home.call("reconcile", message({"no": "place"})) == {"done": True}
    (dead_letter,) = home.dead_letters()
    assert "not a checkpoint" in dead_letter["reason"]


def test_from_its_zip_apply_shows_what_it_had_no_time_for(home: Home) -> None:
    keys = {"entity": {"S": THING.key}, "region": {"S": "eu-west-1"}}
    change = {"Keys": keys, "SequenceNumber": "7"}
    record = {"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": change}
    assert home.call("apply", record, left=1000) == {"batchItemFailures": [{"itemIdentifier": "7"}]}
