"""Two regions of moto with the functions of both, from one change to the other."""

import json

from functions.registry.entity import Entity, Half, Kind
from functions.registry.item import from_item, to_item
from functions.registry.stamp import wall_clock
from tests.functions.registry.aws import TABLE
from tests.functions.registry.devices import Register, policy_document
from tests.functions.registry.events import called, thing_event
from tests.functions.registry.pair import Pair, Side
from tests.functions.registry.rows import CENTRAL, WEST


def furnish(west: Side, arn: str) -> None:
    """Make a thing with all that it needs."""
    west.iot.create_thing_type(thingTypeName="sensor")
    west.iot.create_thing_group(thingGroupName="site")
    west.iot.create_thing_group(thingGroupName="hall", parentGroupName="site")
    west.iot.create_thing(
        thingName="sensor-1", thingTypeName="sensor", attributePayload={"attributes": {"a": "1"}}
    )
    west.iot.add_thing_to_thing_group(thingGroupName="hall", thingName="sensor-1")
    west.iot.create_policy(policyName="device", policyDocument=policy_document(WEST, "sensor-1"))
    west.iot.attach_policy(policyName="device", target=arn)
    west.iot.attach_thing_principal(thingName="sensor-1", principal=arn)
    west.aws.shadows.update_thing_shadow(
        thingName="sensor-1", payload=json.dumps({"state": {"desired": {"a": 1}}})
    )


def test_a_fleet_that_one_region_has_comes_to_the_other_with_all_that_it_needs(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    furnish(pair.west, arn)
    pair.west.reconcile()
    pair.settle()
    states = pair.agree()
    assert states["thing/sensor-1"] == {
        "type": "sensor", "attributes": {"a": "1"}, "groups": ["hall"], "principals": [identity],
    }  # fmt: skip
    assert states[f"certificate/{identity}"]["policies"] == ["device"]
    assert states["shadow/sensor-1//desired"] == {"document": {"a": 1}}
    there = pair.central.iot.get_policy(policyName="device")["policyDocument"]
    assert json.loads(there) == json.loads(policy_document(CENTRAL, "sensor-1"))
    pair.central.reconcile()
    assert pair.settle() == 0, "what was copied is not a change"


def test_what_aws_provisions_comes_over_though_the_thing_s_event_alone_reports_it(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    furnish(pair.west, arn)
    pair.west.notify(thing_event("sensor-1"))
    pair.settle()
    states = pair.agree()
    assert states["thing/sensor-1"]["principals"] == [identity]
    assert states[f"certificate/{identity}"]["policies"] == ["device"]
    assert {"policy/device", "thing-type/sensor", "thing-group/hall", "thing-group/site"} <= {
        *states
    }


def test_an_exclusive_attachment_that_was_copied_without_its_type_becomes_exclusive_everywhere(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    pair.west.iot.create_thing(thingName="sensor-1")
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=arn)
    pair.west.reconcile()
    pair.settle()
    plain = pair.agree()["thing/sensor-1"]
    assert plain["principals"] == [identity]
    # What functions that read no types have copied: the same rows, and one region with a type.
    attach_exclusively(pair.west, arn)
    pair.central.iot.update_thing(thingName="sensor-1", attributePayload={"attributes": {"a": "1"}})
    pair.central.notify(thing_event("sensor-1"))
    pair.settle()
    pair.west.reconcile()
    pair.settle()
    assert pair.agree()["thing/sensor-1"]["exclusive"] == [identity]
    pair.central.reconcile()
    assert pair.settle() == 0, "what was copied is not a change"


def test_a_thing_that_gives_up_its_exclusive_attachment_gives_it_up_everywhere(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    pair.west.iot.create_thing(thingName="sensor-1")
    attach_exclusively(pair.west, arn)
    pair.west.reconcile()
    pair.settle()
    assert pair.agree()["thing/sensor-1"]["exclusive"] == [identity]
    pair.west.iot.detach_thing_principal(thingName="sensor-1", principal=arn)
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=arn)
    pair.west.notify(called("AttachThingPrincipal", WEST, thingName="sensor-1", principal=arn))
    pair.settle()
    state = pair.agree()["thing/sensor-1"]
    assert state["principals"] == [identity]
    assert "exclusive" not in state


def attach_exclusively(side: Side, arn: str) -> None:
    """Attach a certificate to the thing and let no other thing have it."""
    if side.iot.list_thing_principals(thingName="sensor-1")["principals"]:
        side.iot.detach_thing_principal(thingName="sensor-1", principal=arn)
    side.iot.attach_thing_principal(
        thingName="sensor-1", principal=arn, thingPrincipalType="EXCLUSIVE_THING"
    )


def test_changes_in_both_regions_go_both_ways(pair: Pair) -> None:
    pair.west.iot.create_thing(thingName="sensor-1")
    pair.central.iot.create_thing(thingName="sensor-2")
    pair.west.notify(thing_event("sensor-1"))
    pair.central.notify(thing_event("sensor-2"))
    pair.settle()
    assert pair.agree().keys() == {"thing/sensor-1", "thing/sensor-2"}
    pair.central.iot.update_thing(
        thingName="sensor-1", attributePayload={"attributes": {"a": "central"}}
    )
    pair.west.iot.delete_thing(thingName="sensor-2")
    pair.central.notify(thing_event("sensor-1"))
    pair.west.notify(thing_event("sensor-2"))
    # Each copied change makes an event where it was copied to.
    pair.settle()
    pair.west.notify(thing_event("sensor-1"))
    pair.central.notify(thing_event("sensor-2"))
    assert pair.settle() == 0
    states = pair.agree()
    assert states["thing/sensor-1"]["attributes"] == {"a": "central"}
    assert states["thing/sensor-2"] is None


def test_a_certificate_revoked_in_a_region_that_was_cut_off_does_not_come_to_life(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    pair.west.reconcile()
    pair.settle()
    pair.central.iot.update_certificate(certificateId=identity, newStatus="REVOKED")
    pair.central.notify(called("UpdateCertificate", CENTRAL, certificateId=identity))
    pair.west.iot.create_policy(
        policyName="device", policyDocument=policy_document(WEST, "sensor-1")
    )
    pair.west.iot.attach_policy(policyName="device", target=arn)
    pair.west.notify(
        called("CreatePolicy", WEST, policyName="device"),
        called("AttachPolicy", WEST, policyName="device", target=arn),
    )
    pair.settle()
    entity = Entity(Kind.CERTIFICATE, identity)
    assert pair.agree()[entity.key]["status"] == "REVOKED"
    lost = pair.west.rows()[entity.key, WEST].lost
    assert lost is not None
    assert lost.state is not None
    assert lost.state["policies"] == ["device"]


def test_a_region_s_rows_are_read_as_they_were_written(pair: Pair) -> None:
    pair.west.iot.create_thing(thingName="sensor-1")
    pair.west.notify(thing_event("sensor-1"))
    (item,) = pair.west.aws.dynamodb.scan(TableName=TABLE)["Items"]
    assert to_item(from_item(item)) == item


def test_what_a_region_s_stack_takes_over_is_not_deleted_where_it_is_still_copied(
    pair: Pair,
) -> None:
    policy = Entity(Kind.POLICY, "device")
    pair.west.iot.create_policy(policyName="device", policyDocument=policy_document(WEST, "a"))
    pair.west.reconcile()
    pair.settle()
    for name in ("capture", "apply", "reconcile"):
        changed = pair.west.aws.load(name, REGISTRY_EXCLUDED_POLICIES="device")
        pair.west.functions[name] = changed
    pair.west.put("capture", {"entity": policy.key})
    pair.west.put("apply", {"entity": policy.key})
    pair.west.reconcile()
    pair.settle()
    pair.central.iot.create_policy_version(
        policyName="device", policyDocument=policy_document(CENTRAL, "b"), setAsDefault=True
    )
    pair.central.reconcile()
    pair.settle()
    assert pair.west.state(policy)["default"] != pair.central.state(policy)["default"]


def test_reported_halves_stay_in_a_region_that_does_not_copy_them(pair: Pair) -> None:
    desired, reported = (Entity.shadow("sensor-1", "", half) for half in Half)
    for side in pair.sides:
        # moto keeps a shadow with its thing.
        side.iot.create_thing(thingName="sensor-1")
    update_shadow(pair.west, desired={"a": 1}, reported={"a": 1})
    pair.settle()
    pair.agree()
    west = pair.west.rows()[reported.key, WEST]
    for name in ("capture", "apply", "reconcile"):
        pair.west.functions[name] = pair.west.aws.load(name, REGISTRY_COPY_REPORTED="false")
    # The other region has not got the setting yet.
    update_shadow(pair.central, desired={"a": 2}, reported={"a": 2})
    pair.settle()
    update_shadow(pair.west, reported={"a": 3})
    pair.west.put("apply", {"entity": reported.key})
    pair.west.reconcile()
    pair.settle()
    assert pair.west.state(desired) == pair.central.state(desired) == {"document": {"a": 2}}
    assert pair.west.state(reported) == {"document": {"a": 3}}
    assert pair.central.state(reported) == {"document": {"a": 2}}
    assert pair.west.rows()[reported.key, WEST] == west
    assert [side.aws.messages("dead-letters") for side in pair.sides] == [[], []]


def update_shadow(side: Side, **state: object) -> None:
    """Update a device's shadow, and let the event be captured."""
    side.aws.shadows.update_thing_shadow(thingName="sensor-1", payload=json.dumps({"state": state}))
    topic = "$aws/things/sensor-1/shadow/update/documents"
    side.notify({"topic": topic, "time": wall_clock()})


def test_one_that_registers_itself_after_its_deletion_stays_active_nowhere(
    pair: Pair, certificate: Register
) -> None:
    """Just-in-time registration knows no deletion, and the other region had not heard of it."""
    identity, _ = certificate("sensor-1")
    entity = Entity(Kind.CERTIFICATE, identity)
    pair.west.reconcile()
    pair.settle()
    assert pair.central.state(entity)["status"] == "ACTIVE"
    pem = pair.west.state(entity)["pem"]
    pair.west.iot.update_certificate(certificateId=identity, newStatus="INACTIVE")
    pair.west.iot.delete_certificate(certificateId=identity)
    pair.west.notify(called("DeleteCertificate", WEST, certificateId=identity))
    pair.west.iot.register_certificate_without_ca(certificatePem=pem, status="PENDING_ACTIVATION")
    pair.west.notify({"entity": entity.key})
    pair.settle()
    assert pair.west.state(entity)["status"] == "PENDING_ACTIVATION"
    assert pair.central.state(entity)["status"] == "INACTIVE", "nobody has activated it again"
    pair.central.notify({"entity": entity.key})
    pair.settle()
    assert pair.west.state(entity)["status"] == "PENDING_ACTIVATION", "that was no change"
    assert pair.central.aws.messages("dead-letters")
    pair.west.iot.update_certificate(certificateId=identity, newStatus="ACTIVE")
    pair.west.notify(called("UpdateCertificate", WEST, certificateId=identity))
    pair.settle()
    assert pair.agree()[entity.key]["status"] == "ACTIVE"
