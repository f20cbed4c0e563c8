"""The client ids of a drain: of the fleet index, or of the registry's table."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from functions.contract import Kind
from functions.registry.entity import Entity
from functions.registry.row import Row
from functions.registry.state import hash_of
from functions.registry.table import RegistryTable
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.operate.drain.client_ids import DrainError
from tests.iot_dr.operate.drain.drained import away, fleet
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV
from tests.support.region_health import RegionHealth
from tests.support.registry_table import create_registry_table
from tests.support.settings import with_data

pytestmark = pytest.mark.usefixtures("project")


def test_an_index_that_throttles_is_read_to_its_end(day: Day) -> None:
    connections, throttles = fleet(day), [1, 1]

    def throttle(request: ApiRequest) -> Reply | None:
        if request.path == "/indices/search" and throttles:
            throttles.pop()
            return Reply(429, b'{"__type": "ThrottlingException"}', "application/json")
        return None

    day.faults.answers.insert(0, throttle)
    assert away(day) == 0
    assert (connections.clients, throttles) == (set(), [])


def test_without_index_the_things_of_the_table_in_the_standby_are_closed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    connections.index = "OFF"
    chosen, table = with_data(DEV), f"{DEV.project}-{DEV.environment}-device-registry"
    dynamodb = client("dynamodb", CENTRAL, day.world.endpoint)
    create_registry_table(dynamodb, table)
    rows = RegistryTable(dynamodb, table)
    for number in range(5):
        thing = Entity(Kind.THING, f"device-{number:05d}")
        for region in DEV.regions:
            row = Row.blank(thing, region)
            # The second one was deleted.
            state = None if number == 1 else {"attributes": {}}
            rows.put(replace(row, state=state, hash=hash_of(state), seen={region: row.stamp}), 0)
    connections.clients -= {"device-00002"}
    try:
        assert away(day, chosen=chosen) == 0
    finally:
        dynamodb.delete_table(TableName=table)
    shown = capsys.readouterr().out
    assert "client ids are the things of the registry's table in eu-central-1" in shown
    assert "3 connections are closed, 1 were not there, 0 calls had no answer" in shown
    assert sorted(connections.closed) == ["device-00000", "device-00003", "device-00004"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": None}, "without the block data there is no registry's table"),
        (
            {"existing": SimpleNamespace(device_policy="ours", cut_over=True)},
            "with the document of existing.device_policy a client id need not be a thing's name",
        ),
    ],
    ids=["no table", "another policy"],
)
def test_without_index_client_ids_may_be_unknown_and_nothing_is_switched(
    day: Day, changes: dict[str, Any], message: str
) -> None:
    fleet(day).index = "OFF"
    with pytest.raises(DrainError, match=f"{message}. Turn connectivity on: aws iot update-"):
        away(day, chosen=with_data(DEV).model_copy(update=changes))
    assert day.puts() == []


def test_a_long_list_shows_how_far_it_is_read(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    fleet(day, 501)

    def be_slow(request: ApiRequest) -> Reply | None:
        if request.path == "/indices/search":
            day.now += 11
            # All of them are listed, and none is closed.
            day.world.see({CENTRAL: RegionHealth(tcp=False)})
        return None

    day.faults.answers.insert(0, be_slow)
    assert away(day) == 3
    shown = capsys.readouterr()
    assert "500 client ids are read" in shown.err
    assert "0 connections are closed, 0 were not there, 0 calls had no answer, 501 are left" in (
        shown.out
    )
