"""A function that brings packages along, run from its zip with what Lambda's runtime has."""

import json
from pathlib import Path

from iot_dr.drill.play.account import client, variables
from tests.functions.telemetry.stream import batch, payload, record, sequence
from tests.support.aws_account import account
from tests.support.lambda_runtime import invoke, runtime

REGION = "eu-central-1"


def test_from_its_zip_telemetry_writes_states_and_shows_what_it_cannot_write(
    tmp_path: Path,
) -> None:
    with account("111111111111") as endpoint:
        dynamodb, sqs = (client(name, REGION, endpoint) for name in ("dynamodb", "sqs"))
        keys = (("device", "HASH"), ("region", "RANGE"))
        dynamodb.create_table(
            TableName="states",
            AttributeDefinitions=[
                {"AttributeName": each, "AttributeType": "S"} for each, _ in keys
            ],
            KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        queue_url = sqs.create_queue(QueueName="failed")["QueueUrl"]
        given = {
            "TELEMETRY_TABLE": "states",
            "TELEMETRY_FAILED_QUEUE": queue_url,
            "TELEMETRY_ENVIRONMENT": "dev",
            "AWS_REGION": REGION,
            **variables(endpoint),
        }
        event = batch(record(1, payload("sensor-1", {"t": 21.5}, 1, "up/t")), record(2, b"poison"))
        answer, metrics = invoke("telemetry", event, runtime(tmp_path / "runtime"), given)
        (item,) = dynamodb.scan(TableName="states")["Items"]
        (message,) = sqs.receive_message(QueueUrl=queue_url)["Messages"]
    assert answer == {"batchItemFailures": []}
    assert item["state"] == {"S": '{"t": 21.5}'}
    assert item["region"] == {"S": f"{REGION}/up/t"}
    assert json.loads(message["Body"])["sequence"] == sequence(2)
    (counted,) = metrics
    assert (counted["Written"], counted["Refused"]) == (1, 1)
