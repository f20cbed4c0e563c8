"""Both halves of a shadow, captured by one call."""

import json

import pytest

from functions.registry.access.client import clients
from functions.registry.entity import Entity, Half
from functions.registry.pending import ChangePendingError
from functions.registry.row import Pending
from functions.registry.stamp import wall_clock
from functions.registry.table import RegistryTable
from functions.registry_capture.consumer import ShadowCapture
from tests.functions.registry.aws import TABLE, AwsRegion, Context, batch, failed
from tests.functions.registry.racing import racing
from tests.functions.registry.regions import Region
from tests.functions.registry.rows import CENTRAL, WEST, row, stamp

NOW = 1_800_000_000_000
DESIRED, REPORTED = (Entity.shadow("sensor-1", "", half) for half in Half)
OLD, NEW = {"document": {"a": 1}}, {"document": {"a": 2}}


@pytest.fixture
def region() -> Region:
    """A region in memory."""
    return Region(WEST, lambda: NOW)


def update_event(here: AwsRegion) -> dict[str, object]:
    """Change both halves, which AWS reports as one event."""
    here.iot.create_thing(thingName="sensor-1")
    state = {"desired": {"a": 1}, "reported": {"a": 2}}
    here.shadows.update_thing_shadow(thingName="sensor-1", payload=json.dumps({"state": state}))
    return {"topic": "$aws/things/sensor-1/shadow/update/documents", "time": wall_clock()}


def test_both_halves_cost_one_call(here: AwsRegion) -> None:
    handle, event = here.load("capture"), update_event(here)
    calls: list[str] = []

    def note(model: object, **_call: object) -> None:
        calls.append(getattr(model, "name", ""))

    data = clients(WEST).iot_data
    data.meta.events.register("before-call", note)
    assert failed(handle(batch(event), Context())) == []
    data.meta.events.unregister("before-call", note)
    assert calls == ["GetThingShadow"]
    rows = [here.own(entity) for entity in (DESIRED, REPORTED)]
    assert [each and each.state for each in rows] == [
        {"document": {"a": 1}},
        {"document": {"a": 2}},
    ]


def test_a_row_that_cannot_be_read_holds_up_its_own_half_alone(here: AwsRegion) -> None:
    handle, event = here.load("capture"), update_event(here)
    item = {"entity": {"S": DESIRED.key}, "region": {"S": WEST}}
    here.dynamodb.put_item(TableName=TABLE, Item=item)
    assert failed(handle(batch(event), Context())) == ["m0"]
    assert RegistryTable(here.dynamodb, TABLE).rows(REPORTED) != []


def test_what_is_applied_after_the_look_at_both_is_not_a_change_of_this_region_s(
    region: Region,
) -> None:
    for entity in (DESIRED, REPORTED):
        region.core.set(entity, OLD)
        region.capture(entity)

    def apply_other() -> None:
        region.table.take(row(REPORTED, CENTRAL, NEW, f"{NOW + 1}@eu-central-1", f"{NOW}@{WEST}"))
        region.apply(REPORTED, "m1")

    region.core.set(DESIRED, NEW)
    halves = ShadowCapture(racing(region, apply_other), (DESIRED, REPORTED))
    assert halves(DESIRED, NOW) is not None
    assert halves(REPORTED, NOW) is None
    assert (region.own(DESIRED).state, region.own(REPORTED).state) == (NEW, NEW)
    assert region.own(REPORTED).stamp == stamp(f"{NOW + 1}@eu-central-1")


def test_a_half_whose_row_was_written_since_is_looked_at_again(region: Region) -> None:
    region.table.put(row(DESIRED, WEST, OLD, f"10@{WEST}"), 0)
    region.core.set(DESIRED, NEW)

    def touch() -> None:
        own = region.own(DESIRED)
        region.table.put(own, own.revision)

    written = ShadowCapture(racing(region, touch), (DESIRED, REPORTED))(DESIRED, NOW)
    assert written is not None
    assert written.state == NEW


def test_a_shadow_that_can_never_be_captured_is_dead_lettered_with_both_halves(
    here: AwsRegion,
) -> None:
    handle, event = here.load("capture"), update_event(here)
    payload = '{"state": {"desired": {"a": 1e999}}}'
    here.shadows.update_thing_shadow(thingName="sensor-1", payload=payload)
    assert failed(handle(batch(event), Context())) == []
    dead_letters = [message["entity"] for message in here.messages("dead-letters")]
    assert dead_letters == [DESIRED.key, REPORTED.key]


def test_a_half_that_is_just_being_applied_waits_and_the_other_does_not(region: Region) -> None:
    pending = Pending(hash="h", at=NOW, by="m1")
    region.table.put(row(DESIRED, WEST, OLD, f"10@{WEST}", pending=pending), 0)
    region.core.set(DESIRED, NEW)
    region.core.set(REPORTED, NEW)
    halves = ShadowCapture(region.capture, (DESIRED, REPORTED))
    with pytest.raises(ChangePendingError):
        halves(DESIRED, NOW)
    assert halves(REPORTED, NOW) is not None
