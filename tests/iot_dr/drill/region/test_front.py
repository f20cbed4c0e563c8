import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from iot_dr.drill.clock import Clock
from iot_dr.drill.region.front import Front
from iot_dr.drill.region.https_server import Request
from iot_dr.drill.region.publication import RefusedError
from iot_dr.drill.region.role import Role
from tests.support.drill import in_loop
from tests.support.signed_request import REGION, ROLE, ROLES, signed


@dataclass
class _Broker:
    """Keeps what is published, or raises what it is told to."""

    error: Exception | None = None
    hangs: bool = False
    messages: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    async def publish(self, topic: str, payload: bytes) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        self.messages.append((topic, payload))


async def _status(request: Request, broker: _Broker, *, refuses: bool = False) -> int:
    front = Front(REGION, ROLES, Clock(1000), broker.publish)
    front.refuses = refuses
    return (await front.answer(request)).status


@in_loop
async def test_a_signed_message_reaches_its_topic() -> None:
    broker = _Broker()
    assert await _status(signed(body=b"hello"), broker) == 200
    assert broker.messages == [("iot-dr/dev/canary", b"hello")]


# Signed when a test runs: a signature is good for five minutes.
@pytest.mark.parametrize(
    ("made", "status"),
    [
        (lambda: signed("/topics/iot-dr%2Fdev%2Fother?qos=1"), 403),
        (lambda: signed("/topics/%23?qos=1"), 403),
        (lambda: signed(region="eu-central-1"), 403),
        (lambda: signed(role=Role.made_up(REGION, ROLE.topic)), 403),
        (lambda: replace(signed(), headers={}), 403),
        (lambda: signed("/topics/iot-dr%2Fdev%2Fcanary"), 400),
        (lambda: signed("/topics/iot-dr%2Fdev%2Fcanary?qos=0"), 400),
        (lambda: signed("/things/a/shadow"), 404),
        (lambda: signed(method="GET"), 404),
    ],
)
@in_loop
async def test_nothing_else_is_published(made: Callable[[], Request], status: int) -> None:
    broker = _Broker()
    assert await _status(made(), broker) == status
    assert not broker.messages


@in_loop
async def test_nothing_is_published_while_everybody_is_refused() -> None:
    broker = _Broker()
    assert await _status(signed(), broker, refuses=True) == 403
    assert not broker.messages


@pytest.mark.parametrize("error", [ConnectionRefusedError(), RefusedError("server busy")])
@in_loop
async def test_a_broker_that_takes_no_message_is_told_as_500(error: Exception) -> None:
    assert await _status(signed(), _Broker(error)) == 500


@in_loop
async def test_a_broker_that_acknowledges_nothing_is_told_as_504() -> None:
    assert await _status(signed(), _Broker(hangs=True)) == 504
