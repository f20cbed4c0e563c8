"""What is captured with the entity that names it, as no event reports it."""

import pytest

from functions.probe.metrics import Metrics
from functions.registry.entity import Entity, Kind
from functions.registry.item import to_item
from functions.registry.stamp import wall_clock
from functions.registry.state import State
from functions.registry_capture.reference_requests import ReferenceRequests
from tests.functions.registry.aws import TABLE, AwsRegion, Context, batch, failed
from tests.functions.registry.events import registered, thing_event
from tests.functions.registry.regions import Replica
from tests.functions.registry.rows import CENTRAL, WEST, row

THING = Entity(Kind.THING, "sensor-1")


def furnish(here: AwsRegion) -> None:
    """Make a thing that names a type, a group and a certificate."""
    here.iot.create_thing_type(thingTypeName="sensor")
    here.iot.create_thing_group(thingGroupName="site")
    here.iot.create_thing_group(thingGroupName="hall", parentGroupName="site")
    here.iot.create_thing(thingName="sensor-1", thingTypeName="sensor")
    here.iot.add_thing_to_thing_group(thingGroupName="hall", thingName="sensor-1")


def asked(here: AwsRegion) -> list[str]:
    return sorted(message["entity"] for message in here.messages("changes"))


def asking_for(asked: list[Entity]) -> ReferenceRequests:
    """Return what asks where nothing is written down."""
    return ReferenceRequests(
        table=Replica(WEST),
        region=WEST,
        excluded=frozenset(),
        enqueue=asked.append,
        metrics=Metrics("IotDr/Registry", "dev"),
    )


def test_a_thing_that_is_written_down_has_captured_what_it_names_and_no_row_has(
    here: AwsRegion, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = here.load("capture")
    furnish(here)
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == ["thing-group/hall", "thing-type/sensor"]
    assert '"Named": 2' in capsys.readouterr().out
    result = batch({"entity": "thing-group/hall"}, {"entity": "thing-type/sensor"})
    assert failed(handle(result, Context())) == []
    assert asked(here) == ["thing-group/site"], "a group names the one above it"
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == [], "nothing was written"
    here.iot.update_thing(thingName="sensor-1", attributePayload={"attributes": {"a": "1"}})
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == [], "all is written down"


@pytest.mark.parametrize(
    ("state", "is_asked"),
    [
        ({"status": "ACTIVE", "policies": []}, False),
        ({"status": "PENDING_ACTIVATION", "policies": []}, True),
        (None, True),
    ],
    ids=["active", "not active yet", "gone"],
)
def test_a_certificate_that_is_gone_or_not_active_by_its_row_is_captured_again(
    here: AwsRegion, state: State | None, *, is_asked: bool
) -> None:
    handle = here.load("capture")
    certificate = here.iot.create_keys_and_certificate(setAsActive=True)
    here.iot.create_thing(thingName="sensor-1")
    here.iot.attach_thing_principal(thingName="sensor-1", principal=certificate["certificateArn"])
    entity = Entity(Kind.CERTIFICATE, certificate["certificateId"])
    here.log.put(row(entity, WEST, state, f"{wall_clock()}@{WEST}"), 0)
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == ([entity.key] if is_asked else [])


def test_another_region_s_row_does_not_say_that_it_is_written_down_here(here: AwsRegion) -> None:
    handle = here.load("capture")
    furnish(here)
    for entity in (Entity(Kind.THING_GROUP, "hall"), Entity(Kind.THING_TYPE, "sensor")):
        there = row(entity, CENTRAL, {"description": ""}, f"{wall_clock()}@{CENTRAL}")
        here.dynamodb.put_item(TableName=TABLE, Item=to_item(there))
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == ["thing-group/hall", "thing-type/sensor"]


def test_a_policy_that_is_not_copied_is_not_asked_for(here: AwsRegion) -> None:
    handle = here.load("capture", REGISTRY_EXCLUDED_POLICIES="device")
    here.iot.create_thing_group(thingGroupName="hall")
    arn = here.iot.describe_thing_group(thingGroupName="hall")["thingGroupArn"]
    for name in ("device", "own"):
        here.iot.create_policy(policyName=name, policyDocument="{}")
        here.iot.attach_policy(policyName=name, target=arn)
    result = registered("THING_GROUP", thingGroupName="hall")
    assert failed(handle(batch(result), Context())) == []
    assert asked(here) == ["policy/own"]


def test_a_name_that_is_none_of_aws_s_holds_nothing_up() -> None:
    asked: list[Entity] = []
    asking_for(asked)(THING, {"type": "no type", "groups": ["hall"]})
    assert [entity.key for entity in asked] == ["thing-group/hall"]


def test_what_is_gone_names_nothing(here: AwsRegion) -> None:
    handle = here.load("capture")
    state: State = {
        "type": "sensor",
        "groups": ["hall"],
        "principals": ["a" * 64],
        "attributes": {},
    }
    here.log.put(row(THING, WEST, state, f"{wall_clock()}@{WEST}"), 0)
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    own = here.own(THING)
    assert own is not None
    assert own.state is None
    assert asked(here) == []


def test_where_it_is_not_queryable_the_message_comes_again_and_asks_then(
    here: AwsRegion,
) -> None:
    handle = here.load("capture")
    furnish(here)
    url = here.urls["changes"]
    here.sqs.delete_queue(QueueUrl=url)
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == ["m0"]
    assert here.own(THING) is None, "else nobody would ask any more"
    here.sqs.create_queue(QueueName="iot-dev-changes")
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == ["thing-group/hall", "thing-type/sensor"]


def test_a_row_that_nobody_can_read_holds_up_nothing_that_names_its_entity(
    here: AwsRegion,
) -> None:
    handle = here.load("capture")
    furnish(here)
    bad = row(Entity(Kind.THING_GROUP, "hall"), WEST, {"description": ""}, f"1@{WEST}")
    item = {**to_item(bad), "hash": {"S": "another"}}
    here.dynamodb.put_item(TableName=TABLE, Item=item)
    assert failed(handle(batch(thing_event("sensor-1")), Context())) == []
    assert asked(here) == ["thing-type/sensor"]


def test_one_entity_has_a_hundred_others_captured_at_the_most() -> None:
    asked: list[Entity] = []
    asking_for(asked)(THING, {"principals": [f"{number:064d}" for number in range(300)]})
    assert len(set(asked)) == len(asked) == 100
