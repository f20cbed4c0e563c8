"""AWS answers DetachThingPrincipal before it has detached the certificate.

docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html; moto detaches at once.
"""

from collections.abc import Generator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.registry.access.client import clients
from tests.functions.registry.aws import batch
from tests.functions.registry.devices import Register
from tests.functions.registry.events import called, thing_event
from tests.functions.registry.pair import Pair, Side
from tests.functions.registry.rows import CENTRAL, WEST

_CALL = "before-call.iot.DetachThingPrincipal"


class SlowDetachments:
    """Detachments of a region that AWS has answered, and carries out when a test says so."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._requested = list[tuple[str, str]]()
        self._events.register(_CALL, self._answer)

    @property
    def _events(self) -> Any:
        return cast("Any", clients(self._side.aws.region).iot).meta.events

    def _answer(self, params: dict[str, Any], **_call: object) -> tuple[object, dict[str, Any]]:
        thing = params["url_path"].split("/")[2]
        self._requested.append((thing, params["headers"]["x-amzn-principal"]))
        return SimpleNamespace(status_code=200), {}

    def finish(self) -> None:
        """Carry out what was requested, and everything later at once."""
        self._events.unregister(_CALL, self._answer)
        for thing, principal in dict.fromkeys(self._requested):
            self._side.iot.detach_thing_principal(thingName=thing, principal=principal)
        self._requested.clear()


@pytest.fixture
def slow(pair: Pair) -> Generator[SlowDetachments]:
    detachments = SlowDetachments(pair.central)
    yield detachments
    detachments.finish()


@pytest.fixture
def sensor(pair: Pair, certificate: Register) -> str:
    """The ARN of the certificate of the thing sensor-1, which both regions have."""
    _, arn = certificate("sensor-1")
    pair.west.iot.create_thing(thingName="sensor-1", attributePayload={"attributes": {"room": "1"}})
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=arn)
    pair.west.reconcile()
    pair.settle()
    return arn


def delete(side: Side, arn: str) -> None:
    side.iot.detach_thing_principal(thingName="sensor-1", principal=arn)
    side.iot.delete_thing(thingName="sensor-1")
    side.notify(thing_event("sensor-1"))


@pytest.mark.parametrize("tries", [1, 2])
def test_a_deleted_thing_stays_deleted_while_aws_detaches_its_certificate_elsewhere(
    pair: Pair, sensor: str, slow: SlowDetachments, tries: int
) -> None:
    delete(pair.west, sensor)
    pair.west.run()
    pair.west.replicate(pair.central)
    for _ in range(tries):
        pair.central.run()
    slow.finish()
    pair.central.put("capture", thing_event("sensor-1"))
    pair.settle()
    assert pair.agree()["thing/sensor-1"] is None


def test_a_rotated_certificate_arrives_after_its_thing_and_while_aws_detaches_the_old_one(
    pair: Pair, sensor: str, slow: SlowDetachments, certificate: Register
) -> None:
    new, new_arn = certificate("sensor-1")
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=new_arn)
    pair.west.iot.detach_thing_principal(thingName="sensor-1", principal=sensor)
    pair.west.notify(thing_event("sensor-1"))
    while pair.west.run():
        pass
    late = {key: pair.west.changed.pop(key) for key in list(pair.west.changed) if new in key}
    assert late
    pair.west.replicate(pair.central)
    pair.central.run()
    slow.finish()
    pair.central.put("capture", thing_event("sensor-1"))
    pair.west.changed |= late
    pair.settle()
    assert pair.agree()["thing/sensor-1"]["principals"] == [new]


def test_a_change_made_after_the_detachment_is_captured_while_the_new_certificate_is_missing(
    pair: Pair, sensor: str, slow: SlowDetachments, certificate: Register
) -> None:
    new, new_arn = certificate("sensor-1")
    pair.west.iot.attach_thing_principal(thingName="sensor-1", principal=new_arn)
    pair.west.iot.detach_thing_principal(thingName="sensor-1", principal=sensor)
    pair.west.notify(thing_event("sensor-1"))
    while pair.west.run():
        pass
    late = {key: pair.west.changed.pop(key) for key in list(pair.west.changed) if new in key}
    pair.west.replicate(pair.central)
    pair.central.run()
    slow.finish()
    pair.central.run()
    pair.central.iot.update_thing(
        thingName="sensor-1", attributePayload={"attributes": {"room": "2"}}
    )
    pair.central.notify(thing_event("sensor-1"))
    pair.west.changed |= late
    pair.settle()
    assert pair.agree()["thing/sensor-1"]["attributes"] == {"room": "2"}


def test_a_detachment_that_outlasts_its_event_is_captured_once_it_is_done(
    pair: Pair, slow: SlowDetachments, sensor: str
) -> None:
    detached = {"thingName": "sensor-1", "principal": sensor.replace(WEST, CENTRAL)}
    cast("Any", clients(CENTRAL).iot).detach_thing_principal(**detached)
    event = called("DetachThingPrincipal", CENTRAL, **detached)
    assert pair.central.call("capture", batch(event)) == ["m0"], "it has to come again"
    slow.finish()
    pair.central.notify(event)
    pair.settle()
    assert pair.agree()["thing/sensor-1"]["principals"] == []


def test_a_detachment_that_ends_while_its_event_is_handled_is_captured(
    pair: Pair, slow: SlowDetachments, sensor: str
) -> None:
    iot = cast("Any", clients(CENTRAL).iot)
    detached = {"thingName": "sensor-1", "principal": sensor.replace(WEST, CENTRAL)}
    iot.detach_thing_principal(**detached)
    listed = "after-call.iot.ListThingPrincipalsV2"

    def finish(**_call: object) -> None:
        slow.finish()

    iot.meta.events.register(listed, finish)
    pair.central.put("capture", called("DetachThingPrincipal", CENTRAL, **detached))
    pair.settle()
    iot.meta.events.unregister(listed, finish)
    assert pair.agree()["thing/sensor-1"]["principals"] == []


def test_an_old_detachment_does_not_wait_for_a_certificate_that_was_attached_again(
    pair: Pair, sensor: str
) -> None:
    event = called("DetachThingPrincipal", WEST, thingName="sensor-1", principal=sensor)
    event["detail"]["eventTime"] = "2026-01-01T00:00:00Z"
    pair.west.notify(event)
    assert pair.settle() == 0
