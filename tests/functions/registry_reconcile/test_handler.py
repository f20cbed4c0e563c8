"""The reconciler as Lambda loads and calls it, against moto."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from moto.iot.models import iot_backends

from functions.registry.access.region import page
from functions.registry.entity import Entity, Kind
from functions.registry.item import to_item
from functions.registry.row import TOMBSTONE_LIFETIME, DeadLetter, Pending, Row
from functions.registry.stamp import wall_clock
from functions.registry.state import State
from functions.registry.table import BRAKE_KEY
from functions.registry_reconcile.lease import Lease
from functions.registry_reconcile.pace import Pace
from tests.functions.registry.aws import (
    ACCOUNT,
    TABLE,
    AwsRegion,
    Context,
    batch,
    made_up_account,
)
from tests.functions.registry.rows import CENTRAL, WEST, row

PLAIN: State = {"type": None, "attributes": {}, "groups": [], "principals": []}
SCHEDULED: dict[str, Any] = {"version": "0", "source": "aws.events"}


def thing(name: str) -> Entity:
    return Entity(Kind.THING, name)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Iterator[AwsRegion]:
    assert credentials
    with made_up_account(monkeypatch):
        yield AwsRegion(WEST, monkeypatch)


def put(here: AwsRegion, row: Row) -> None:
    here.dynamodb.put_item(TableName=TABLE, Item=to_item(row))


def recent(region: str) -> str:
    return f"{wall_clock() - 1000}@{region}"


def counts(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    return {name: line[name] for name in ("Compared", "Captured", "Asked", "Failed")}


def emptied(here: AwsRegion, gone: int, count: int) -> None:
    """Let a region have lost so many things without a word, and others not."""
    for number in range(gone):
        put(here, row(thing(f"gone-{number}"), WEST, PLAIN, recent(WEST)))
    for number in range(count):
        put(here, row(thing(f"held-{number}"), WEST, PLAIN, recent(WEST)))
        here.iot.create_thing(thingName=f"held-{number}")


def test_a_region_that_was_emptied_deletes_nothing_elsewhere_until_that_is_confirmed(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("reconcile")
    emptied(here, 11, 2)
    newer = row(thing("gone-0"), CENTRAL, {**PLAIN, "attributes": {"a": "1"}}, recent(CENTRAL))
    put(here, newer)
    here.iot.create_thing(thingName="new")
    answer = handle(SCHEDULED, Context(calls=3))
    lines = list[str]()
    while not answer["done"]:
        lines += capsys.readouterr().out.splitlines()
        answer = handle(batch(*here.messages("reconcile")), Context(calls=3))
    lines_logged = [json.loads(line) for line in [*lines, *capsys.readouterr().out.splitlines()]]
    assert [line["Withheld"] for line in lines_logged if line["Withheld"]] == [11]
    assert any("11 of 13" in line.get("cause", "") for line in lines_logged)
    states = [here.own(thing(f"gone-{number}")) for number in range(11)]
    assert all(own is not None and own.state == PLAIN for own in states)
    assert here.own(thing("new")) is not None, "everything else goes on"
    assert here.messages("retry") == [], "apply would take it for deleted"
    assert handle({"confirm_deletions": True}, Context()) == {"done": True}
    states = [here.own(thing(f"gone-{number}")) for number in range(11)]
    assert all(own is not None and own.state is None for own in states)


def test_it_measures_the_fleet_for_the_brake_on_deletions(here: AwsRegion) -> None:
    handle = here.load("reconcile", REGISTRY_DELETION_PERCENT="20")
    emptied(here, 1, 19)
    handle(SCHEDULED, Context())
    key = {"entity": {"S": BRAKE_KEY}, "region": {"S": WEST}}
    assert here.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]["allowed"] == {"N": "4"}


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_confirmation_that_is_none_is_refused_and_not_ignored(
    here: AwsRegion, value: object
) -> None:
    handle = here.load("reconcile")
    with pytest.raises(ValueError, match=r"^confirm_deletions is .*, expected true or false$"):
        handle({"confirm_deletions": value}, Context())


def test_what_some_have_deleted_is_captured_without_a_word(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    emptied(here, 10, 0)
    handle(SCHEDULED, Context())
    states = [here.own(thing(f"gone-{number}")) for number in range(10)]
    assert all(own is not None and own.state is None for own in states)


def test_a_region_that_is_not_the_environment_s_reports_nothing(here: AwsRegion) -> None:
    handle = here.load("reconcile", REGISTRY_REGIONS=CENTRAL)
    here.iot.create_thing(thingName="sensor-1")
    assert handle({}, Context()) == {"done": True}
    assert here.own(thing("sensor-1")) is None


@pytest.mark.parametrize("event", [SCHEDULED, {}], ids=["schedule", "hand"])
def test_everything_that_no_event_reported_is_captured(
    here: AwsRegion, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    handle = here.load("reconcile")
    here.iot.create_thing_type(thingTypeName="sensor")
    here.iot.create_thing_group(thingGroupName="hall")
    here.iot.create_thing(thingName="sensor-1")
    here.iot.create_thing(thingName="sensor-2")
    put(here, row(thing("sensor-2"), WEST, {**PLAIN, "attributes": {"a": "old"}}, recent(WEST)))
    put(here, row(thing("sensor-3"), WEST, PLAIN, recent(WEST)))
    assert handle(event, Context()) == {"done": True}
    states = {
        key: own.state
        for key in ("thing-type/sensor", "thing-group/hall", "thing/sensor-1", "thing/sensor-2")
        if (own := here.own(Entity.parse(key)))
    }
    assert len(states) == 4
    assert states["thing/sensor-1"] == states["thing/sensor-2"] == PLAIN
    gone = here.own(thing("sensor-3"))
    assert gone is not None
    assert gone.state is None
    assert here.messages("retry") == []
    assert counts(capsys) == {"Compared": 5, "Captured": 5, "Asked": 0, "Failed": 0}


def test_what_was_deleted_and_came_back_without_an_event_is_captured(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    put(here, row(thing("sensor-1"), WEST, None, recent(WEST)))
    here.iot.create_thing(thingName="sensor-1")
    handle({}, Context())
    own = here.own(thing("sensor-1"))
    assert own is not None
    assert own.state == PLAIN


def test_each_page_of_a_list_is_compared_from_its_first_entity(
    here: AwsRegion, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("Any", page).__kwdefaults__, "size", 2)
    handle = here.load("reconcile")
    for number in range(5):
        here.iot.create_thing_type(thingTypeName=f"type-{number}")
    handle({}, Context())
    assert counts(capsys)["Captured"] == 5


def test_what_it_finds_of_a_shadow_counts_from_when_that_was_changed(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    here.iot.create_thing(thingName="sensor-1")
    payload = json.dumps({"state": {"desired": {"a": 1}}})
    here.shadows.update_thing_shadow(thingName="sensor-1", payload=payload)
    hour_ago = wall_clock() // 1000 - 3600
    (shadowed,) = cast("Any", iot_backends)[ACCOUNT][WEST].things.values()
    shadowed.thing_shadows[None].metadata_desired = {"a": {"timestamp": hour_ago}}
    handle({}, Context())
    own = here.own(Entity.parse("shadow/sensor-1//desired"))
    assert own is not None
    assert own.stamp.milliseconds == hour_ago * 1000


def test_a_second_comparison_finds_nothing(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("reconcile")
    here.iot.create_thing(thingName="sensor-1")
    handle({}, Context())
    handle({}, Context())
    assert counts(capsys) == {"Compared": 1, "Captured": 0, "Asked": 0, "Failed": 0}


def test_what_is_not_taken_over_or_dead_lettered_or_half_done_is_asked_for(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    put(here, row(thing("new"), CENTRAL, PLAIN, recent(CENTRAL)))
    dead_letter = DeadLetter(reason="r", at=1, attempts=3)
    put(here, row(thing("dead"), WEST, None, recent(WEST), dead_letter=dead_letter))
    pending = Pending(hash="h", at=1, by="m")
    put(here, row(thing("pending"), WEST, None, recent(WEST), pending=pending))
    taken = row(thing("taken"), WEST, None, recent(WEST), expires=True)
    put(here, taken)
    put(here, replace(taken, region=CENTRAL))
    long_gone = f"{wall_clock() - TOMBSTONE_LIFETIME - 1000}@{CENTRAL}"
    put(here, row(thing("long-gone"), CENTRAL, None, long_gone))
    assert handle({}, Context()) == {"done": True}
    asked = [message["entity"] for message in here.messages("retry")]
    assert sorted(asked) == ["thing/dead", "thing/new", "thing/pending"]


def test_a_row_that_is_malformed_or_a_table_that_fails_keeps_nothing_else_from_being_compared(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("reconcile")
    for name in ("sensor-1", "sensor-2"):
        here.iot.create_thing(thingName=name)
    bad = to_item(row(thing("sensor-1"), CENTRAL, PLAIN, recent(CENTRAL)))
    here.dynamodb.put_item(TableName=TABLE, Item={**bad, "stamp": {"S": "never"}})
    assert handle({}, Context()) == {"done": True}
    assert here.own(thing("sensor-2")) is not None
    out = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (out["Captured"], out["Failed"]) == (1, 2)
    assert "thing/sensor-1" in out["cause"]


def test_it_goes_on_by_message_before_its_time_is_up_and_comes_to_an_end(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    for number in range(4):
        here.iot.create_thing(thingName=f"sensor-{number}")
        put(here, row(thing(f"row-{number}"), CENTRAL, PLAIN, recent(CENTRAL)))
    answer, runs, places = handle({}, Context(calls=5)), 1, list[object]()
    while not answer["done"]:
        (place,) = here.messages("reconcile")
        assert place not in places, "each run comes further"
        places.append(place)
        runs += 1
        assert runs < 10
        answer = handle(batch(place), Context(calls=5))
    assert runs > 2
    assert here.messages("reconcile") == []
    assert all(here.own(thing(f"sensor-{number}")) for number in range(4))
    asked = {message["entity"] for message in here.messages("retry")}
    assert asked == {f"thing/row-{number}" for number in range(4)}


@pytest.mark.parametrize("body", ["{", {}, {"kind": "jobs", "page": None, "done": 0, "row": None}])
def test_a_message_that_is_not_a_place_is_dead_lettered(here: AwsRegion, body: object) -> None:
    handle = here.load("reconcile")
    event = batch(body)
    assert handle(event, Context()) == {"done": True}
    (dead_letter,) = here.messages("dead-letters")
    assert event["Records"][0]["body"] in dead_letter["message"]
    assert here.messages("reconcile") == []


def test_a_fault_of_the_whole_table_is_an_error_of_the_run(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    here.dynamodb.delete_table(TableName=TABLE)
    with pytest.raises(Exception, match="ResourceNotFound"):
        handle({}, Context())


def scheduled(minute: int) -> dict[str, Any]:
    return {**SCHEDULED, "time": f"2026-12-01T00:{minute:02}:00Z"}


def test_a_scheduled_comparison_waits_for_the_one_that_runs_and_says_so(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("reconcile")
    for number in range(3):
        here.iot.create_thing(thingName=f"t{number}")
    assert handle(scheduled(0), Context(calls=1)) == {"done": False}
    capsys.readouterr()
    assert handle(scheduled(30), Context()) == {"done": True}
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["Overrun"] == 1
    assert here.own(thing("t2")) is None, "it must not have compared anything"
    (rest,) = here.messages("reconcile")
    assert handle(batch(rest), Context()) == {"done": True}
    assert here.own(thing("t2")) is not None
    handle(scheduled(59), Context())
    assert "Overrun" not in json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_scheduled_comparison_that_failed_begins_again_when_lambda_repeats_it(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("reconcile")
    handle(scheduled(0), Context(calls=0))
    here.iot.create_thing(thingName="t")
    assert handle(scheduled(0), Context()) == {"done": True}
    assert here.own(thing("t")) is not None
    assert "Overrun" not in capsys.readouterr().out


def test_a_call_by_hand_begins_at_once_and_ends_the_comparison_that_runs(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    for number in range(3):
        here.iot.create_thing(thingName=f"t{number}")
    handle(scheduled(0), Context(calls=1))
    (rest,) = here.messages("reconcile")
    assert handle({}, Context(calls=1)) == {"done": False}
    assert handle(batch(rest), Context()) == {"done": True}
    assert here.own(thing("t2")) is None, "the first one must not go on"
    (rest,) = here.messages("reconcile")
    handle(batch(rest), Context())
    assert here.own(thing("t2")) is not None


def test_a_step_that_is_delivered_twice_runs_once(here: AwsRegion) -> None:
    """A step also comes again if its function crashes after it has sent the next one."""
    handle = here.load("reconcile")
    for number in range(6):
        here.iot.create_thing(thingName=f"t{number}")
    handle(scheduled(0), Context(calls=1))
    (second,) = here.messages("reconcile")
    assert handle(batch(second), Context(calls=1)) == {"done": False}
    (third,) = here.messages("reconcile")
    assert handle(batch(second), Context()) == {"done": True}
    assert here.messages("reconcile") == []
    assert here.own(thing("t5")) is None, "a step that has been done must not run again"
    assert handle(batch(third), Context()) == {"done": True}
    assert here.own(thing("t5")) is not None
    here.iot.create_thing(thingName="late")
    assert handle(batch(third), Context()) == {"done": True}
    assert here.own(thing("late")) is None, "nor after the end of the comparison"


def test_a_step_that_crashed_runs_again_when_its_message_is_visible_again(here: AwsRegion) -> None:
    handle, minute = here.load("reconcile"), 60_000
    here.iot.create_thing(thingName="t")
    handle(scheduled(0), Context(calls=0))
    (second,) = here.messages("reconcile")
    handle(batch(second), Context(calls=0))
    here.messages("reconcile")
    key = {"entity": {"S": "comparison/run"}, "region": {"S": WEST}}
    for age, is_captured in ((14 * minute, False), (90 * minute, True)):
        here.dynamodb.update_item(
            TableName=TABLE,
            Key=key,
            UpdateExpression="SET step_at = :at",
            ExpressionAttributeValues={":at": {"N": str(wall_clock() - age)}},
        )
        handle(batch(second), Context())
        assert (here.own(thing("t")) is not None) is is_captured


class _LosingAnswers:
    """DynamoDB, as botocore sees it if the answer to each first attempt is lost: it repeats."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def put_item(self, **request: Any) -> Any:
        self._client.put_item(**request)
        return self._client.put_item(**request)


def test_a_step_whose_beginning_was_written_by_a_repeated_call_begins(here: AwsRegion) -> None:
    """Otherwise its message would be dropped, and the comparison end without a word."""
    client = _LosingAnswers(here.dynamodb)
    lease, run = Lease(client=cast("Any", client), table=TABLE, region=WEST), wall_clock()
    assert lease.take(run, run)
    assert lease.renew(run, 1, run + 1000)
    assert not lease.renew(run, 1, run + 2000), "another copy of the message"


def test_a_comparison_that_crashed_for_good_blocks_the_next_ones_for_four_hours(
    here: AwsRegion,
) -> None:
    handle, hours = here.load("reconcile"), 3_600_000
    for age, is_found in ((3 * hours, False), (5 * hours, True)):
        crashed = {"run": {"N": "1"}, "step_at": {"N": str(wall_clock() - age)}}
        key = {"entity": {"S": "comparison/run"}, "region": {"S": WEST}}
        here.dynamodb.put_item(TableName=TABLE, Item={**key, **crashed})
        here.iot.create_thing(thingName="t")
        handle(scheduled(0), Context())
        assert (here.own(thing("t")) is not None) is is_found


def test_a_message_of_an_older_release_begins_the_comparison_again(here: AwsRegion) -> None:
    handle = here.load("reconcile")
    here.iot.create_thing(thingName="t")
    older = {"kind": "shadow", "page": None, "done": 0, "row": None, "counting": False}
    assert handle(batch({**older, "own": 0, "gone": 0}), Context()) == {"done": True}
    assert here.own(thing("t")) is not None


def test_things_and_certificates_are_read_at_the_rate_and_nothing_waits_for_others() -> None:
    now, waits = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(rate=8, clock=lambda: now[0], sleep=sleep)
    for kind in (Kind.THING, Kind.CERTIFICATE, Kind.SHADOW, Kind.SHADOW):
        pace(kind)
    assert waits == [], "the first of each kind and others do not wait"
    for _ in range(8):
        pace(Kind.THING)
    assert now[0] == pytest.approx(1)
    Pace(rate=0, sleep=sleep)(Kind.THING)
    assert len(waits) == 8


def test_with_a_rate_entities_are_read_side_by_side_and_each_is_compared_once(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("reconcile", REGISTRY_RATE="1000")
    for number in range(20):
        here.iot.create_thing(thingName=f"t{number}")
    runs = [handle({}, Context(calls=3))]
    while not runs[-1]["done"]:
        (rest,) = here.messages("reconcile")
        runs.append(handle(batch(rest), Context(calls=3)))
    assert len(runs) > 2, "it must go on by messages too"
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    totals = [(line["Captured"], line["Compared"], line["Failed"]) for line in lines]
    assert [sum(each) for each in zip(*totals, strict=True)] == [20, 20, 0]


def test_whatever_is_read_is_read_at_the_rate_also_what_has_no_row(
    here: AwsRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = here.load("reconcile", REGISTRY_RATE="1000")
    read = list[Kind]()
    monkeypatch.setitem(cast("Any", handle).__globals__, "Pace", lambda **_: read.append)
    for number in range(3):
        here.iot.create_thing(thingName=f"t{number}")
    handle({}, Context())
    assert read.count(Kind.THING) == 6, "once from the list, and once from the new row"
