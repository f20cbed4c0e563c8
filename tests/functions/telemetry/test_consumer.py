"""Batches of the stream: what comes of each message, and from where Lambda goes on."""

import base64
import json
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot_dr.drill.play.faults import ApiRequest, Reply
from tests.functions.telemetry.conftest import World
from tests.functions.telemetry.stream import SHARD, STREAM, batch, payload, record, sequence
from tests.support.examples import examples

_devices = count()
NOTHING = {"Written": 0, "Overtaken": 0, "Refused": 0, "Interrupted": 0, "NotJsonObject": 0}


def refusing(code: str, *, of: str, when: Callable[[dict[str, Any]], bool]) -> Any:
    """Return an answer of a service that refuses some requests with a code."""

    def answer(request: ApiRequest) -> Reply | None:
        if request.service != of or not when(json.loads(request.body)):
            return None
        body = json.dumps({"__type": f"com.amazonaws#{code}", "message": "hidden"}).encode()
        return Reply(400, body, "application/x-amz-json-1.0")

    return answer


def throttled(device: str) -> Any:
    """Return an answer of DynamoDB that throttles the writes of a device."""
    return refusing(
        "ProvisionedThroughputExceededException",
        of="dynamodb",
        when=lambda asked: asked.get("Item", {}).get("device") == {"S": device},
    )


def counted(world: World) -> dict[str, int]:
    """Return what the last batch counted."""
    return {name: world.log.lines[-1][name] for name in NOTHING}


def test_a_message_of_the_older_rule_becomes_the_state_of_its_device(world: World) -> None:
    state = {"t": 21.5, "sequence": 7, "time": "today"}
    answer = world.consumer.consume(batch(record(1, payload("sensor-1", state, 1764126000123))))
    assert answer == {"batchItemFailures": []}
    assert world.item("sensor-1") == {
        "device": "sensor-1",
        "state": json.dumps(state),
        "received": "1764126000123",
        "sequence": sequence(1),
        "order": f"001764126000123-{sequence(1):0>129}",
        "region": "eu-west-1",
        "device_sequence": "7",
        "device_time": "today",
    }
    assert counted(world) == {**NOTHING, "Written": 1}
    (metrics,) = world.log.lines[-1]["_aws"]["CloudWatchMetrics"]
    assert metrics["Dimensions"] == [["Environment"]]
    assert {each["Name"] for each in metrics["Metrics"]} == set(NOTHING)


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=st.lists(st.integers(1, 3), min_size=1, max_size=5),
    twice=st.integers(0, 2),
    chance=st.randoms(use_true_random=False),
    cut=st.integers(0, 7),
)
def test_twice_late_and_out_of_order_end_alike(
    world: World, times: list[int], twice: int, chance: Random, cut: int
) -> None:
    device = f"sensor-{next(_devices)}"
    messages = [(received, number) for number, received in enumerate(times)]
    sent = [*messages, *messages[:twice]]
    chance.shuffle(sent)
    records = [
        record(number, payload(device, {"n": number}, received)) for received, number in sent
    ]
    for part in filter(None, (records[:cut], records[cut:])):
        assert world.consumer.consume(batch(*part)) == {"batchItemFailures": []}
    _, newest = max(messages)
    assert world.state(device) == {"n": newest}


def test_what_can_never_be_written_goes_to_the_queue_and_holds_up_nothing(world: World) -> None:
    poison = payload("sensor-2", b"{}", 0)
    answer = world.consumer.consume(
        batch(
            record(1, payload("sensor-1", {"n": 1}, 1)),
            record(2, poison),
            record(3, payload("sensor-3", {"n": 3}, 3)),
        )
    )
    assert answer == {"batchItemFailures": []}
    assert world.state("sensor-1") == {"n": 1}
    assert world.item("sensor-2") is None
    assert world.state("sensor-3") == {"n": 3}
    assert world.failures() == [
        {
            "reason": "the record has no time of receipt in milliseconds",
            "stream": STREAM,
            "shard": SHARD,
            "sequence": sequence(2),
            "data": base64.b64encode(poison).decode(),
        }
    ]
    assert counted(world) == {**NOTHING, "Written": 2, "Refused": 1}


def test_the_largest_message_that_iot_core_takes_fits_into_the_queue(world: World) -> None:
    poison = payload("a" * 128, b"x" * 128 * 1024, 0, "x" * 119)
    world.consumer.consume(batch(record(1, poison)))
    (failure,) = world.failures()
    assert base64.b64decode(failure["data"]) == poison


def test_a_record_too_large_for_the_queue_is_reported_without_its_data(world: World) -> None:
    world.consumer.consume(batch(record(1, payload("sensor-1", b" " * 400_000, 1))))
    (failure,) = world.failures()
    assert (failure["data"], failure["sequence"]) == (None, sequence(1))


@pytest.mark.parametrize("code", ["ValidationException", "SerializationException"])
def test_what_dynamodb_will_never_take_is_refused(world: World, code: str) -> None:
    world.faults.answers.append(refusing(code, of="dynamodb", when=lambda asked: "Item" in asked))
    answer = world.consumer.consume(batch(record(1, payload("sensor-1", {}, 1))))
    assert answer == {"batchItemFailures": []}
    assert [each["reason"] for each in world.failures()] == ["DynamoDB refuses the item"]


@pytest.mark.parametrize(
    "code",
    [
        *("ThrottlingException", "RequestLimitExceeded", "AccessDeniedException"),
        *("ExpiredTokenException", "UnrecognizedClientException", "ResourceNotFoundException"),
        "ReplicatedWriteConflictException",
    ],
)
def test_what_passes_or_is_an_operator_s_to_repair_is_given_again(world: World, code: str) -> None:
    world.faults.answers.append(refusing(code, of="dynamodb", when=lambda asked: "Item" in asked))
    answer = world.consumer.consume(batch(record(1, payload("sensor-1", {}, 1))))
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}
    assert world.failures() == []


def test_half_a_character_in_what_a_device_claims_holds_up_nothing(world: World) -> None:
    halves = b'{"sequence": "\\ud800", "time": "today", "text": "\\udfff"}'
    records = [record(1, payload("sensor-1", halves, 1)), record(2, payload("sensor-2", {}, 2))]
    assert world.consumer.consume(batch(*records)) == {"batchItemFailures": []}
    item = world.item("sensor-1")
    assert item is not None
    assert item["state"] == halves.decode()
    assert (item.get("device_sequence"), item["device_time"]) == (None, "today")
    assert world.state("sensor-2") == {}


def test_a_throttled_batch_is_given_again_from_the_first_record_that_failed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    event = batch(
        *(
            record(number, payload(f"sensor-{number}", {"n": number}, number))
            for number in (1, 2, 3)
        )
    )
    world.faults.answers.append(throttled("sensor-2"))
    assert world.consumer.consume(event) == {"batchItemFailures": [{"itemIdentifier": sequence(2)}]}
    assert counted(world) == {**NOTHING, "Written": 1, "Interrupted": 1}
    assert world.item("sensor-3") is None, "who is throttled stops asking"
    assert "ProvisionedThroughputExceededException" in caplog.text
    assert "hidden" not in caplog.text
    world.faults.answers.clear()
    assert world.consumer.consume(event) == {"batchItemFailures": []}
    assert counted(world) == {**NOTHING, "Written": 2, "Overtaken": 1}
    assert world.failures() == []


def test_a_batch_that_fails_whole_is_given_again_from_its_beginning(world: World) -> None:
    world.faults.fail("refuse", "eu-west-1", "dynamodb")
    answer = world.consumer.consume(batch(record(1, payload("sensor-1", {}, 1))))
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}


def test_poison_is_not_lost_while_the_queue_does_not_answer(world: World) -> None:
    world.faults.fail("refuse", "eu-west-1", "sqs")
    event = batch(record(1, b"poison"), record(2, payload("sensor-2", {}, 2)))
    assert world.consumer.consume(event) == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}
    world.faults.clear()
    assert world.consumer.consume(event) == {"batchItemFailures": []}
    assert len(world.failures()) == 1
    assert world.state("sensor-2") == {}


def test_a_region_that_works_off_its_backlog_takes_nothing_back_from_another(world: World) -> None:
    """DynamoDB copies items between regions: the other region's is another item."""
    newer = {"device": "sensor-1", "region": "eu-central-1", "order": "9", "state": '{"on": true}'}
    item = {name: {"S": text} for name, text in newer.items()}
    world.aws("dynamodb").put_item(TableName=world.table, Item=item)
    world.consumer.consume(batch(record(1, payload("sensor-1", {"on": False}, 1))))
    key = {name: item[name] for name in ("device", "region")}
    result = world.aws("dynamodb").get_item(TableName=world.table, Key=key)
    assert result["Item"] == item
    assert world.state("sensor-1") == {"on": False}


def test_the_last_state_is_kept_of_each_topic(world: World) -> None:
    sent = (("up/battery", {"volt": 3.6}), ("up/gps", {"lat": 48}), ("up/battery", {"volt": 3.5}))
    records = [
        record(number, payload("sensor-1", state, number, topic))
        for number, (topic, state) in enumerate(sent, 1)
    ]
    assert world.consumer.consume(batch(*records)) == {"batchItemFailures": []}
    assert world.state("sensor-1", "up/battery") == {"volt": 3.5}
    assert world.state("sensor-1", "up/gps") == {"lat": 48}
    assert world.item("sensor-1") is None, "readers of one state for all topics get no other item"


def test_what_devices_send_that_is_not_a_json_object_is_kept_as_it_came(world: World) -> None:
    payloads = (
        *(b"21.5", b"open", b'["a"]', b"", b"\xff\x00", b'{"t": NaN}', b"[" * 100_000),
        *(b"{" * 131_072, b'{"n": ' + b"1" * 5_000 + b"}", b'"\\ud800"'),
    )
    records = [
        record(number, payload("sensor-1", sent, number, f"up/{number}"))
        for number, sent in enumerate(payloads, 1)
    ]
    assert world.consumer.consume(batch(*records)) == {"batchItemFailures": []}
    assert world.failures() == [], "a device cannot fill the queue of failures"
    for number, sent in enumerate(payloads, 1):
        item = world.item("sensor-1", f"up/{number}")
        assert item is not None
        assert (item["payload"], item.get("state")) == (sent, None)
    number = len(payloads)
    assert counted(world) == {**NOTHING, "Written": number, "NotJsonObject": number}


def test_a_query_by_device_returns_states_of_both_releases_in_the_order_of_receipt(
    world: World,
) -> None:
    """While regions are upgraded one after the other, some keep one state for all topics."""
    older = {"device": "sensor-1", "region": "eu-central-1", "state": '{"volt": 1}'}
    older["order"] = f"{2:015d}-{sequence(2):0>129}"
    item = {name: {"S": text} for name, text in older.items()}
    world.aws("dynamodb").put_item(TableName=world.table, Item=item)
    sent = ((1, None), (3, "up/battery"), (4, "up/gps"))
    world.consumer.consume(
        batch(*(record(at, payload("sensor-1", {"at": at}, at, topic)) for at, topic in sent))
    )
    items = world.aws("dynamodb").query(
        TableName=world.table,
        KeyConditionExpression="device = :device",
        ExpressionAttributeValues={":device": {"S": "sensor-1"}},
    )["Items"]
    keys = [each["region"]["S"] for each in sorted(items, key=lambda each: each["order"]["S"])]
    assert keys == ["eu-west-1", "eu-central-1", "eu-west-1/up/battery", "eu-west-1/up/gps"]
