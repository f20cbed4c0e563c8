"""How far regions are behind, by rows that were written by hand."""

import statistics
from typing import Any, cast

import boto3
import pytest

from functions.registry.entity import Entity
from functions.registry.row import DeadLetter, Row
from functions.registry.stamp import HybridStamp
from functions.registry.state import State, hash_of
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.operate.registry.status import NoRegionError, RegistryStatus, StatusReader
from tests.iot_dr.operate.registry.conftest import CENTRAL, DEV, NAMES, WEST, Place

NOW = 1_800_000_000_000
HOUR = 3_600_000
STATE: State = {"type": None}


class Silent(Clients):
    """Regions of which some do not answer."""

    def __init__(self, *silent: str) -> None:
        super().__init__(None, CallLimits(attempts=1))
        self.silent = silent

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        if region in self.silent:
            raise NoAnswerError(f"{service} in {region}: no answer")
        return super().call(service, region, method, **arguments)


def row(name: str, region: str, made: int, **changes: Any) -> Row:
    """Return a row of a state that was made in the west."""
    stamp = HybridStamp(made, 0, WEST)
    values: dict[str, Any] = {
        "entity": Entity.parse(f"thing/{name}"),
        "region": region,
        "state": STATE,
        "hash": hash_of(STATE),
        "stamp": stamp,
        "seen": {WEST: stamp},
        "held_at": made,
        **changes,
    }
    return Row(**values)


def write(place: Place, *rows: Row) -> None:
    for region_row in rows:
        place.log.put(region_row, 0)


def read(*silent: str, hours: float = 24) -> RegistryStatus:
    clients = Silent(*silent)
    reader = StatusReader(settings=DEV, quick=clients, patient=clients, seconds=60, now=lambda: NOW)
    return reader.read(hours)


def test_a_fleet_in_step_has_its_lags_and_nothing_waits(west: Place) -> None:
    lags = [120, 450, 900, 15_000, 61_000]
    for number, lag in enumerate(lags):
        made = NOW - HOUR - number
        write(west, row(f"a-{number}", WEST, made))
        write(west, row(f"a-{number}", CENTRAL, made, held_at=made + lag))
    seen = read()
    here, there = seen.rows.regions[WEST], seen.rows.regions[CENTRAL]
    assert (here.entities, there.entities) == (5, 5)
    assert (here.lags.count, there.lags.count) == (0, 5)
    assert there.lags.quantile(0.5) == statistics.median(lags) / 1000
    assert there.lags.quantile(0.99) == max(lags) / 1000
    assert (there.outstanding, seen.age(CENTRAL)) == (0, None)
    assert not seen.is_behind(0)


def test_lags_of_long_ago_do_not_count(west: Place) -> None:
    made = NOW - 30 * HOUR
    write(west, row("a", WEST, made), row("a", CENTRAL, made, held_at=made + 5))
    assert read().rows.regions[CENTRAL].lags.count == 0
    assert read(hours=31).rows.regions[CENTRAL].lags.count == 1


def test_the_oldest_change_that_is_not_taken_over_is_the_recovery_point(west: Place) -> None:
    write(west, row("young", WEST, NOW - 2_000), row("old", WEST, NOW - 400_000))
    first, second = HybridStamp(NOW - 900_000, 0, WEST), HybridStamp(NOW - 90_000, 0, WEST)
    write(west, row("again", WEST, NOW - 90_000, seen={WEST: second}))
    write(west, row("again", CENTRAL, NOW - 900_000, seen={WEST: first}))
    seen = read()
    assert seen.rows.regions[WEST].outstanding == 0
    assert seen.rows.regions[CENTRAL].outstanding == 3
    assert seen.age(CENTRAL) == 400
    assert seen.is_behind(399)
    assert not seen.is_behind(400)


def test_what_is_dead_lettered_is_reported_with_its_reason_the_first_twenty(west: Place) -> None:
    dead_letter = DeadLetter(reason="too long", at=NOW, attempts=9)
    for number in range(23):
        made = NOW - 10
        write(west, row(f"a-{number:02}", WEST, made))
        write(west, row(f"a-{number:02}", CENTRAL, made, dead_letter=dead_letter))
    there = read().rows.regions[CENTRAL]
    assert there.dead_letter_count == 23
    assert there.dead_letters == [(f"thing/a-{number:02}", dead_letter) for number in range(20)]
    assert read().is_behind(1e9)


def test_rows_of_what_is_a_stack_s_own_by_now_wait_for_nothing(west: Place) -> None:
    dead_letter = DeadLetter(reason="excluded", at=NOW, attempts=1)
    for entity in NAMES.excluded.own:
        write(west, row("a", WEST, NOW - 1000, entity=entity, dead_letter=dead_letter))
    assert NAMES.excluded.own
    seen = read()
    assert not seen.is_behind(0)
    assert seen.rows.regions[CENTRAL].outstanding == 0


def test_a_region_that_does_not_answer_is_named_and_another_one_answers(
    west: Place, central: Place
) -> None:
    write(west, row("a", WEST, NOW - 5))
    write(central, row("b", WEST, NOW - 5), row("c", WEST, NOW - 5))
    assert read().source_region == WEST
    seen = read(WEST)
    assert seen.source_region == CENTRAL
    assert list(seen.silent) == [WEST]
    assert seen.rows.regions[WEST].entities == 2


def test_no_region_that_answers_is_an_error() -> None:
    with pytest.raises(NoRegionError, match=f"{WEST}: .*{CENTRAL}: .*no answer"):
        read(WEST, CENTRAL)


def test_items_that_are_not_rows_are_reported(west: Place) -> None:
    key = {"entity": {"S": "thing/a"}, "region": {"S": WEST}}
    west.dynamodb.put_item(TableName=NAMES.table, Item=key)
    seen = read()
    assert seen.rows.malformed == 1
    assert "thing/a" in seen.rows.causes[0]
    assert seen.is_behind(1e9)


@pytest.mark.usefixtures("west")
def test_the_depths_of_queues_are_reported_where_they_answer() -> None:
    sqs = cast("Any", boto3).client("sqs", WEST)
    url = sqs.create_queue(QueueName=NAMES.queues[0])["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    queues = read().queues
    assert queues[WEST, NAMES.queues[0]] == 1
    assert isinstance(queues[CENTRAL, NAMES.queues[0]], UserError)
    assert set(queues) == {(region, name) for region in DEV.regions for name in NAMES.queues}


def test_an_environment_without_data_is_reported_what_to_add() -> None:
    settings = DEV.model_copy(update={"data": None})
    reader = StatusReader(settings=settings, quick=Silent(), patient=Silent(), seconds=5)
    with pytest.raises(UsageError, match="data: is missing or null"):
        reader.read(24)
