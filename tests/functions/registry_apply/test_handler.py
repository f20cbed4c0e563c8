"""Apply as Lambda loads and calls it, against moto."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.probe.variables import VariablesError
from functions.registry.access.errors import RetryableError
from functions.registry.brake import LEAST, REASON, Brake
from functions.registry.entity import Entity, Half, Kind
from functions.registry.item import to_item
from functions.registry.pending import PENDING_TIMEOUT
from functions.registry.queue import Queue, SqsClient
from functions.registry.row import Pending, Row
from functions.registry.stamp import wall_clock
from functions.registry.state import State
from functions.registry.table import BRAKE_KEY
from functions.registry_apply.consumer import MAX_RETRY_AGE
from tests.functions.registry.aws import (
    TABLE,
    AwsRegion,
    Context,
    batch,
    failed,
    made_up_account,
)
from tests.functions.registry.rows import CENTRAL, WEST, row
from tests.functions.registry.stream import record, records


def thing(name: str, **changes: Any) -> Row:
    """Return another region's row of a thing that was changed a second ago."""
    state: State = {"type": None, "attributes": {}, "groups": [], "principals": [], **changes}
    at = f"{wall_clock() - 1000}@{CENTRAL}"
    return row(Entity(Kind.THING, name), CENTRAL, state, at)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Iterator[AwsRegion]:
    assert credentials
    with made_up_account(monkeypatch):
        yield AwsRegion(WEST, monkeypatch)


def arrive(here: AwsRegion, *rows: Row) -> dict[str, Any]:
    """Let rows of another region arrive; return the stream's records of them."""
    for arriving in rows:
        here.dynamodb.put_item(TableName=TABLE, Item=to_item(arriving))
    return records((each, None) for each in rows)


def names(here: AwsRegion) -> list[str]:
    return sorted(each["thingName"] for each in here.iot.list_things()["things"])


def values(capsys: pytest.CaptureFixture[str], name: str) -> list[int]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line[name] for line in lines if name in line]


def test_what_the_stream_reports_is_made_here(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    there = thing("sensor-1")
    assert failed(handle(arrive(here, there), Context())) == []
    assert names(here) == ["sensor-1"]
    own = here.own(there.entity)
    assert own is not None
    assert own.stamp == there.stamp
    out = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (lag,) = [line for line in out if "Lag" in line]
    assert lag["Lag"] == own.held_at - there.stamp.milliseconds >= 1000
    assert lag["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [
        {"Name": "Lag", "Unit": "Milliseconds"}
    ]
    assert [line["Applied"] for line in out if "Applied" in line] == [1]


def test_a_record_that_fails_goes_to_the_retry_queue_and_holds_up_no_other(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    rows = [thing("sensor-1", type="sensor"), thing("sensor-2", type="sensor"), thing("sensor-3")]
    assert failed(handle(arrive(here, *rows), Context())) == []
    assert "sensor-3" in names(here)
    assert here.delays("retry") == [5, 10], "each later than the one before"
    assert here.messages("retry") == [{"entity": "thing/sensor-1"}, {"entity": "thing/sensor-2"}]
    assert values(capsys, "Retried") == [1, 1]


def test_only_where_that_fails_as_well_the_record_comes_again(here: AwsRegion) -> None:
    handle = here.load("apply")
    result = arrive(here, thing("sensor-1", type="sensor"), thing("sensor-2"))
    here.sqs.delete_queue(QueueUrl=here.urls["retry"])
    assert failed(handle(result, Context())) == ["0"]


def shadow(thing_name: str, half: Half = Half.DESIRED) -> Row:
    """Return another region's row of a shadow that was changed a second ago."""
    at = f"{wall_clock() - 1000}@{CENTRAL}"
    return row(Entity.shadow(thing_name, "", half), CENTRAL, {"document": {"n": 1}}, at)


def test_shadows_are_sent_to_their_own_queue_so_that_a_thing_behind_them_does_not_wait(
    here: AwsRegion,
) -> None:
    handle = here.load("apply")
    # moto keeps no shadow without its thing.
    here.iot.create_thing(thingName="sensor-0")
    rows = [*(shadow(f"sensor-{number}") for number in range(23)), thing("sensor-1")]
    twice = arrive(here, *rows, rows[0])
    assert failed(handle(twice, Context(calls=1))) == [], "shadows need no time for themselves"
    assert names(here) == ["sensor-0", "sensor-1"]
    assert here.own(rows[0].entity) is None
    sent = here.messages("apply-shadows")
    assert sent == [{"entity": each.entity.key} for each in rows[:-1]], "each once"
    assert failed(handle(batch(sent[0], queue="apply-shadows"), Context())) == []
    own = here.own(rows[0].entity)
    assert own is not None
    assert own.stamp == rows[0].stamp


def test_shadows_that_sqs_does_not_take_come_again_and_hold_up_no_thing(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    event = arrive(here, thing("sensor-1"), shadow("sensor-1"), shadow("sensor-2"), thing("a"))
    here.sqs.delete_queue(QueueUrl=here.urls["apply-shadows"])
    assert failed(handle(event, Context())) == ["1"]
    assert names(here) == ["a", "sensor-1"]
    assert values(capsys, "Retried") == [1]


def test_a_message_that_sqs_refuses_alone_is_not_taken_for_sent() -> None:
    answer = {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "SenderFault": False}]}

    def send_message_batch(**_request: object) -> object:
        return answer

    client = cast("SqsClient", SimpleNamespace(send_message_batch=send_message_batch))
    with pytest.raises(RetryableError, match="1 of 2"):
        Queue(client, "url").enqueue_all([shadow("a").entity, shadow("b").entity])


def test_reported_halves_that_are_not_copied_are_not_passed_on(here: AwsRegion) -> None:
    handle = here.load("apply", REGISTRY_COPY_REPORTED="false")
    event = arrive(here, shadow("sensor-1", Half.REPORTED), shadow("sensor-1"))
    assert failed(handle(event, Context())) == []
    assert here.messages("apply-shadows") == [{"entity": "shadow/sensor-1//desired"}]


def test_a_shadow_that_fails_comes_again_from_its_own_queue(here: AwsRegion) -> None:
    handle = here.load("apply")
    there = shadow("sensor-1")
    arrive(here, there)
    pending = Pending(hash=there.hash, at=wall_clock(), by="another")
    here.log.put(replace(Row.blank(there.entity, WEST), pending=pending), 0)
    here.sqs.send_message(
        QueueUrl=here.urls["apply-shadows"], MessageBody=json.dumps({"entity": there.entity.key})
    )
    event = here.receive("apply-shadows")
    assert failed(handle(event, Context())) == ["m0"]
    assert here.hidden("apply-shadows")[0] in range(13, 16)


def deleted(there: Row) -> Row:
    """Return the row of what another region deleted after `there`."""
    at = f"{there.stamp.milliseconds + 1}@{CENTRAL}"
    gone = row(there.entity, CENTRAL, None, at)
    return replace(gone, basis=there.seen)


def test_deletions_that_exceed_the_limit_are_held_back_and_no_retry_gets_around_it(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply", REGISTRY_DELETION_PERCENT="2")
    rows = [thing("sensor-1"), thing("sensor-2")]
    assert failed(handle(arrive(here, *rows), Context())) == []
    brake = Brake(client=here.dynamodb, table=TABLE, region=WEST, percent=2)
    for _ in range(LEAST - 1):
        with brake.counting(rows[0].stamp):
            pass
    gone = [deleted(each) for each in rows]
    assert failed(handle(arrive(here, *gone), Context())) == []
    assert names(here) == ["sensor-2"]
    own = here.own(rows[1].entity)
    assert own is not None
    assert own.dead_letter is not None
    assert own.dead_letter.reason == REASON
    assert here.messages("dead-letters") == [], "the row has the reason, and the alarm is its own"
    message = batch({"entity": rows[1].entity.key})
    assert failed(handle(message, Context())) == []
    assert names(here) == ["sensor-2"]
    assert values(capsys, "HeldBack") == [1, 1]
    brake.disengage(gone[1].stamp.milliseconds)
    assert failed(handle(message, Context())) == []
    assert names(here) == []


def test_without_a_limit_nothing_is_counted(here: AwsRegion) -> None:
    handle = here.load("apply", REGISTRY_DELETION_PERCENT="100")
    there = thing("sensor-1")
    handle(arrive(here, there), Context())
    assert failed(handle(arrive(here, deleted(there)), Context())) == []
    assert names(here) == []
    key = {"entity": {"S": BRAKE_KEY}, "region": {"S": WEST}}
    assert "Item" not in here.dynamodb.get_item(TableName=TABLE, Key=key)


def test_what_a_comparison_asks_for_again_is_dead_lettered_once(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    there = wrong_certificate()
    arrive(here, there)
    for _ in range(3):
        assert failed(handle(batch({"entity": there.entity.key}), Context())) == []
    assert len(here.messages("dead-letters")) == 1
    assert values(capsys, "Parked") == [1]


def wrong_certificate() -> Row:
    """Return another region's row of a certificate that AWS refuses."""
    state: State = {"pem": "no PEM", "status": "ACTIVE", "policies": []}
    entity = Entity(Kind.CERTIFICATE, "a" * 64)
    return row(entity, CENTRAL, state, f"{wall_clock()}@{CENTRAL}")


def test_a_dead_letter_that_sqs_does_not_take_is_sent_with_the_next_attempt(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    there = wrong_certificate()
    arrive(here, there)
    message = batch({"entity": there.entity.key})
    here.sqs.delete_queue(QueueUrl=here.urls["dead-letters"])
    assert failed(handle(message, Context())) == ["m0"]
    here.sqs.create_queue(QueueName="iot-dev-dead-letters")
    assert failed(handle(message, Context())) == []
    assert [each["entity"] for each in here.messages("dead-letters")] == [there.entity.key]
    assert values(capsys, "Parked") == [1]


def test_what_its_own_region_wrote_is_not_news(here: AwsRegion) -> None:
    handle = here.load("apply")
    own = row(Entity(Kind.THING, "sensor-1"), WEST, {"attributes": {}}, "10@eu-west-1")
    assert failed(handle(records([(own, None), (None, thing("sensor-1"))]), Context())) == []
    assert names(here) == []


def test_a_record_that_names_nothing_is_dead_lettered_at_once(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    bad = record(thing("sensor-1"))
    bad["dynamodb"]["Keys"]["entity"] = {"S": "nothing"}
    assert failed(handle({"Records": [bad]}, Context())) == []
    (dead_letter,) = here.messages("dead-letters")
    assert "nothing" in dead_letter["reason"]
    assert dead_letter.keys() == {"reason", "record"}, "a row holds what is nobody else's business"
    assert values(capsys, "Refused") == [1]


def test_a_message_whose_entity_cannot_be_made_yet_comes_again_ever_later(
    here: AwsRegion,
) -> None:
    handle = here.load("apply")
    there = thing("sensor-1", type="sensor")
    arrive(here, there)
    here.sqs.send_message(
        QueueUrl=here.urls["retry"], MessageBody=json.dumps({"entity": there.entity.key})
    )
    result = here.receive("retry")
    for received, pause in ((1, 15), (2, 30)):
        result["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(received)
        assert failed(handle(result, Context())) == ["m0"]
        assert here.hidden("retry")[0] in range(pause - 2, pause + 1)
    here.iot.create_thing_type(thingTypeName="sensor")
    assert failed(handle(batch({"entity": there.entity.key}, received=3), Context())) == []
    assert names(here) == ["sensor-1"]


def test_what_fails_for_a_day_is_dead_lettered_and_a_later_success_clears_it(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("apply")
    there = thing("sensor-1", type="sensor")
    arrive(here, there)
    young = batch({"entity": there.entity.key}, received=250, age=MAX_RETRY_AGE - 60_000)
    assert failed(handle(young, Context())) == ["m0"]
    assert here.messages("dead-letters") == []
    result = batch({"entity": there.entity.key}, received=3, age=MAX_RETRY_AGE)
    assert failed(handle(result, Context())) == []
    own = here.own(there.entity)
    assert own is not None
    assert own.dead_letter is not None
    assert own.pending is None
    assert own.dead_letter.attempts == 3
    (dead_letter,) = here.messages("dead-letters")
    assert dead_letter == {
        "entity": "thing/sensor-1", "reason": own.dead_letter.reason, "attempts": 3,
    }  # fmt: skip
    assert "sensor" in dead_letter["reason"]
    assert values(capsys, "Parked") == [1]
    here.iot.create_thing_type(thingTypeName="sensor")
    assert failed(handle(batch({"entity": there.entity.key}), Context())) == []
    own = here.own(there.entity)
    assert own is not None
    assert own.dead_letter is None


def test_a_reason_that_no_item_can_hold_is_reported_without_its_halves_of_characters(
    here: AwsRegion,
) -> None:
    handle = here.load("apply")
    there = thing("sensor-1", groups=["\ud800"])
    arrive(here, there)
    result = batch({"entity": there.entity.key}, age=MAX_RETRY_AGE)
    assert failed(handle(result, Context())) == []
    (dead_letter,) = here.messages("dead-letters")
    assert dead_letter["reason"] == r"thing/sensor-1: not there yet: thing group \ud800"


@pytest.mark.parametrize("source", ["stream", "queue"])
def test_what_can_never_work_is_dead_lettered_at_once(here: AwsRegion, source: str) -> None:
    handle = here.load("apply")
    at = f"{wall_clock()}@{CENTRAL}"
    certificate: State = {"pem": "no PEM", "status": "ACTIVE", "policies": []}
    there = row(Entity(Kind.CERTIFICATE, "a" * 64), CENTRAL, certificate, at)
    result = arrive(here, there)
    if source == "queue":
        result = batch({"entity": there.entity.key})
    assert failed(handle(result, Context())) == []
    own = here.own(there.entity)
    assert own is not None
    assert own.dead_letter is not None
    assert len(here.messages("dead-letters")) == 1
    assert here.messages("retry") == []


def test_a_malformed_row_is_dead_lettered_in_the_end_and_never_applied(here: AwsRegion) -> None:
    handle = here.load("apply")
    there = thing("sensor-1")
    result = arrive(here, there)
    bad = {**to_item(there), "hash": {"S": "another"}}
    here.dynamodb.put_item(TableName=TABLE, Item=bad)
    assert failed(handle(result, Context())) == []
    assert here.messages("retry") == [{"entity": "thing/sensor-1"}]
    assert failed(handle(batch({"entity": "thing/sensor-1"}, age=MAX_RETRY_AGE), Context())) == []
    assert "is not a row" in here.messages("dead-letters")[0]["reason"]
    assert names(here) == []


@pytest.mark.parametrize("body", ["{", "[]", {"entity": 1}, {"entity": "nothing"}, {}])
def test_a_message_that_names_nothing_is_dead_lettered_at_once(
    here: AwsRegion, body: object
) -> None:
    handle = here.load("apply")
    event = batch(body)
    assert failed(handle(event, Context())) == []
    (dead_letter,) = here.messages("dead-letters")
    assert dead_letter["message"] == event["Records"][0]["body"]


def test_a_run_that_another_message_does_is_waited_for_however_long(here: AwsRegion) -> None:
    handle = here.load("apply")
    there = thing("sensor-1")
    arrive(here, there)
    pending = Pending(hash=there.hash, at=wall_clock(), by="another")
    here.log.put(replace(Row.blank(there.entity, WEST), pending=pending), 0)
    result = batch({"entity": "thing/sensor-1"}, received=250, age=2 * MAX_RETRY_AGE)
    assert failed(handle(result, Context())) == ["m0"]
    assert here.messages("dead-letters") == []
    crashed = replace(pending, at=wall_clock() - PENDING_TIMEOUT)
    here.log.put(replace(Row.blank(there.entity, WEST), pending=crashed), 1)
    assert failed(handle(batch({"entity": "thing/sensor-1"}, received=2), Context())) == []
    assert names(here) == ["sensor-1"]


def test_what_is_left_when_the_time_is_up_comes_again(here: AwsRegion) -> None:
    handle = here.load("apply")
    result = arrive(here, thing("sensor-1"), thing("sensor-2"))
    assert failed(handle(result, Context(calls=1))) == ["1"]
    assert names(here) == ["sensor-1"]
    result = batch({"entity": "thing/sensor-2"}, age=2 * MAX_RETRY_AGE)
    assert failed(handle(result, Context(calls=0))) == ["m0"]
    assert here.messages("dead-letters") == []


def test_variables_that_are_wrong_stop_the_function(here: AwsRegion) -> None:
    with pytest.raises(VariablesError, match="REGISTRY_REGIONS"):
        here.load("apply", REGISTRY_REGIONS="")


def test_in_a_region_that_is_not_the_environment_s_nothing_is_applied(here: AwsRegion) -> None:
    handle = here.load("apply", REGISTRY_REGIONS=CENTRAL)
    assert failed(handle(arrive(here, thing("sensor-1")), Context())) == []
    assert names(here) == []


def test_while_a_run_is_at_it_the_same_message_delivered_twice_waits(here: AwsRegion) -> None:
    handle = here.load("apply")
    there = thing("sensor-1")
    arrive(here, there)
    pending = Pending(hash=there.hash, at=wall_clock(), by="m0")
    here.log.put(replace(Row.blank(there.entity, WEST), pending=pending), 0)
    assert failed(handle(batch({"entity": "thing/sensor-1"}), Context())) == ["m0"]
