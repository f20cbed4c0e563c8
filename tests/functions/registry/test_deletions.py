"""What is deleted when nothing needs it any more: rows may report that in any order."""

from typing import Any

import pytest

from functions.registry.entity import Entity
from tests.functions.registry.devices import Register, policy_document
from tests.functions.registry.events import called, registered, thing_event
from tests.functions.registry.pair import Pair, Side
from tests.functions.registry.rows import CENTRAL, WEST


def carried(pair: Pair, *keys: str) -> None:
    """Carry all, but the rows of some entities to the central region before all others'."""
    assert pair.west.run()
    late = {key: pair.west.changed.pop(key) for key in list(pair.west.changed) if key not in keys}
    assert pair.west.replicate(pair.central)
    assert pair.central.run()
    pair.west.changed |= late
    pair.settle()


def central(arn: str) -> str:
    return arn.replace(WEST, CENTRAL)


def policies(side: Side, *names: str) -> None:
    for name in names:
        side.iot.create_policy(policyName=name, policyDocument=policy_document(WEST, name))


def test_a_certificate_keeps_its_new_policy_when_its_old_one_is_deleted_there_first(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    policies(pair.west, "old", "new")
    pair.west.iot.attach_policy(policyName="old", target=arn)
    pair.west.reconcile()
    pair.settle()
    pair.west.iot.attach_policy(policyName="new", target=arn)
    pair.west.iot.detach_policy(policyName="old", target=arn)
    pair.west.iot.delete_policy(policyName="old")
    pair.west.notify(
        called("AttachPolicy", WEST, policyName="new", target=arn),
        called("DeletePolicy", WEST, policyName="old"),
    )
    carried(pair, "policy/old")
    pair.central.notify(called("DetachPolicy", CENTRAL, policyName="old", target=central(arn)))
    pair.settle()
    states = pair.agree()
    assert states[f"certificate/{identity}"]["policies"] == ["new"]
    assert states["policy/old"] is None


def test_a_thing_keeps_its_new_certificate_when_its_old_one_is_deleted_there_first(
    pair: Pair, certificate: Register
) -> None:
    (old, old_arn), (new, new_arn) = certificate("sensor-1"), certificate("sensor-1")
    pair.west.iot.create_thing(thingName="sensor-1")
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=old_arn)
    pair.west.reconcile()
    pair.settle()
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=new_arn)
    pair.west.iot.detach_thing_principal(thingName="sensor-1", principal=old_arn)
    pair.west.iot.update_certificate(certificateId=old, newStatus="INACTIVE")
    pair.west.iot.delete_certificate(certificateId=old)
    pair.west.notify(thing_event("sensor-1"), called("DeleteCertificate", WEST, certificateId=old))
    carried(pair, f"certificate/{old}")
    pair.central.notify(thing_event("sensor-1"))
    pair.settle()
    states = pair.agree()
    assert states["thing/sensor-1"]["principals"] == [new]
    assert states[f"certificate/{old}"] is None


def test_a_thing_stays_in_its_new_group_when_its_old_one_is_deleted_there_first(
    pair: Pair,
) -> None:
    west = pair.west.iot
    west.create_thing(thingName="sensor-1")
    for name in ("old", "new"):
        west.create_thing_group(thingGroupName=name)
    west.add_thing_to_thing_group(thingName="sensor-1", thingGroupName="old")
    pair.west.reconcile()
    pair.settle()
    west.add_thing_to_thing_group(thingName="sensor-1", thingGroupName="new")
    west.remove_thing_from_thing_group(thingName="sensor-1", thingGroupName="old")
    west.delete_thing_group(thingGroupName="old")
    pair.west.notify(thing_event("sensor-1"), registered("THING_GROUP", thingGroupName="old"))
    carried(pair, "thing-group/old")
    pair.central.notify(thing_event("sensor-1"))
    pair.settle()
    states = pair.agree()
    assert states["thing/sensor-1"]["groups"] == ["new"]
    assert states["thing-group/old"] is None


def dead_letters(side: Side) -> dict[str, str]:
    """Return what a region has given up, and why."""
    results = {
        key: row.dead_letter
        for (key, region), row in side.rows().items()
        if region == side.aws.region
    }
    return {key: each.reason for key, each in results.items() if each is not None}


def test_a_policy_that_is_attached_elsewhere_at_the_same_time_is_dead_lettered_until_it_is_free(
    pair: Pair, certificate: Register
) -> None:
    identity, arn = certificate("sensor-1")
    policies(pair.west, "old")
    pair.west.reconcile()
    pair.settle()
    pair.west.iot.delete_policy(policyName="old")
    pair.west.notify(called("DeletePolicy", WEST, policyName="old"))
    there: dict[str, Any] = {"policyName": "old", "target": central(arn)}
    pair.central.iot.attach_policy(**there)
    pair.central.notify(called("AttachPolicy", CENTRAL, **there))
    pair.settle()
    result = Entity.parse(f"certificate/{identity}")
    assert pair.central.state(result)["policies"] == ["old"], "nobody has taken it away"
    assert pair.west.state(result)["policies"] == []
    assert dead_letters(pair.central) == {
        "policy/old": f"policy/old: still attached to {central(arn)}, which has to change first"
    }
    assert dead_letters(pair.west) == {result.key: f"{result.key}: not there yet: policy old"}

    pair.central.iot.detach_policy(**there)
    pair.central.notify(called("DetachPolicy", CENTRAL, **there))
    pair.settle()
    pair.central.reconcile()
    pair.settle()
    assert dead_letters(pair.central) == dead_letters(pair.west) == {}
    for side in pair.sides:
        assert len(side.aws.messages("dead-letters")) == 1
    assert pair.agree()["policy/old"] is None


@pytest.mark.parametrize("events", [True, False])
def test_a_group_that_is_deleted_with_a_thing_in_it_goes_everywhere(
    pair: Pair, *, events: bool
) -> None:
    west = pair.west.iot
    west.create_thing(thingName="sensor-1")
    west.create_thing_group(thingGroupName="old")
    west.add_thing_to_thing_group(thingName="sensor-1", thingGroupName="old")
    pair.west.reconcile()
    pair.settle()
    west.delete_thing_group(thingGroupName="old")
    pair.west.notify(registered("THING_GROUP", thingGroupName="old"))
    if events:
        pair.west.notify(thing_event("sensor-1"))
    pair.settle()
    for side in pair.sides:
        side.reconcile()
        pair.settle()
    pair.central.reconcile()
    pair.settle()
    assert dead_letters(pair.central) == {}
    assert len(pair.central.aws.messages("dead-letters")) == (0 if events else 1)
    states = pair.agree()
    assert states["thing/sensor-1"]["groups"] == []
    assert states["thing-group/old"] is None
