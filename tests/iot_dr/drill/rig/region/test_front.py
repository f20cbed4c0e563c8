"""What a regional name serves on port 443; signatures of the AWS SDK are judged by AWS's page."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.fleet import packet
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.front import (
    BrokerError,
    PublishHandler,
    SignatureError,
    publish_once,
    signer,
)
from iot_dr.drill.rig.region.https_server import HttpRequest
from iot_dr.drill.rig.region.region_config import Role
from tests.support.drill import in_loop
from tests.support.signed_request import REGION, ROLE, ROLES, signed

_ACCEPTED = bytes((0x20, 3, 0, 0, 0))

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@dataclass
class _Broker:
    """Keeps what is published, or raises what it has to."""

    error: Exception | None = None
    hangs: bool = False
    messages: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    async def publish(self, topic: str, payload: bytes) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        self.messages.append((topic, payload))


async def _status(request: HttpRequest, broker: _Broker, *, refuses: bool = False) -> int:
    front = PublishHandler(REGION, ROLES, RigClock(1000), broker.publish)
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
        (lambda: signed(role=Role.generate(ROLE.grants)), 403),
        (lambda: replace(signed(), headers={}), 403),
        (lambda: signed("/topics/iot-dr%2Fdev%2Fcanary"), 400),
        (lambda: signed("/topics/iot-dr%2Fdev%2Fcanary?qos=0"), 400),
        (lambda: signed("/things/a/shadow"), 404),
        (lambda: signed(method="GET"), 404),
    ],
)
@in_loop
async def test_nothing_else_is_published(made: Callable[[], HttpRequest], status: int) -> None:
    broker = _Broker()
    assert await _status(made(), broker) == status
    assert not broker.messages


@in_loop
async def test_nothing_is_published_while_everybody_is_refused() -> None:
    broker = _Broker()
    assert await _status(signed(), broker, refuses=True) == 403
    assert not broker.messages


@pytest.mark.parametrize("error", [ConnectionRefusedError(), BrokerError("server busy")])
@in_loop
async def test_a_broker_that_takes_no_message_is_reported_as_500(error: Exception) -> None:
    assert await _status(signed(), _Broker(error)) == 500


@in_loop
async def test_a_broker_that_acknowledges_nothing_is_reported_as_504() -> None:
    assert await _status(signed(), _Broker(hangs=True)) == 504


@asynccontextmanager
async def _broker(
    *answers: bytes, sent: list[bytes] | None = None
) -> AsyncGenerator[tuple[str, int]]:
    """Answer each packet of a client by the next of these bytes, and then hang up.

    What came is kept in `sent`.
    """

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            came = await reader.read(4096)
            if sent is not None:
                sent.append(came)
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()
    finally:
        server.close()


@in_loop
async def test_an_acknowledged_message_is_published() -> None:
    sent: list[bytes] = []
    async with _broker(_ACCEPTED, bytes((0x40, 2, 0, 1)), sent=sent) as address:
        await publish_once(*address, "topic", b"message")
    (message,) = packet.Parser().feed(sent[1])
    assert isinstance(message, packet.Publish)
    assert (message.topic, message.payload) == ("topic", b"message")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([bytes((0x20, 3, 0, 0x87, 0))], "not authorized"),
        ([_ACCEPTED, bytes((0x40, 3, 0, 1, 0x97))], "quota exceeded"),
        ([_ACCEPTED, bytes((0xE0, 1, 0x8B))], "Disconnect"),
        ([bytes((0xF0, 0))], "packet"),
    ],
)
@in_loop
async def test_a_refused_message_is_reported_with_the_reason(
    answers: list[bytes], message: str
) -> None:
    async with _broker(*answers) as address:
        with pytest.raises(BrokerError, match=message):
            await publish_once(*address, "topic", b"message")


@in_loop
async def test_a_broker_that_hangs_up_has_not_taken_the_message() -> None:
    async with _broker(_ACCEPTED, b"") as address:
        with pytest.raises(ConnectionResetError):
            await publish_once(*address, "topic", b"message")


def _refused(request: HttpRequest, match: str, now: datetime | None = None) -> None:
    with pytest.raises(SignatureError, match=match):
        signer(request, ROLES, REGION, now or datetime.now(UTC))


@given(_texts, st.dictionaries(_texts.filter(bool), _texts, max_size=3), st.binary(max_size=50))
def test_what_the_sdk_signs_is_accepted(
    topic: str, parameters: dict[str, str], body: bytes
) -> None:
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()
    )
    path = f"/topics/x{quote(topic, safe='')}"
    assert signer(signed(f"{path}?{query}", body), ROLES, REGION, datetime.now(UTC)) is ROLE


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_another_message_than_the_signed_one_is_refused(first: bytes, sent: bytes) -> None:
    request = replace(signed(body=first), body=sent)
    if first == sent:
        assert signer(request, ROLES, REGION, datetime.now(UTC)) is ROLE
    else:
        _refused(request, "does not match")


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/topics/iot-dr%2Fdev%2Fother"},
        {"path": "/topics/iot-dr/dev/canary"},
        {"query": "qos=0"},
        {"query": "qos=1&retain=true"},
        {"method": "PUT"},
    ],
    ids=str,
)
def test_another_request_than_the_signed_one_is_refused(change: dict[str, Any]) -> None:
    _refused(replace(signed(), **change), "does not match")


def test_another_host_than_the_signed_one_is_refused() -> None:
    request = signed()
    _refused(
        replace(request, headers={**request.headers, "host": "other.example.com"}),
        "does not match",
    )


def test_a_header_of_aws_that_was_not_signed_is_refused() -> None:
    request = signed()
    _refused(replace(request, headers={**request.headers, "x-amz-added": "1"}), "does not match")


def test_a_wrong_secret_is_refused() -> None:
    _refused(signed(role=replace(ROLE, secret_key="wrong")), "does not match")


@pytest.mark.parametrize("change", [{"key_id": "ASIAOTHER"}, {"token": "wrong"}], ids=str)
def test_credentials_of_somebody_else_are_refused(change: dict[str, Any]) -> None:
    _refused(signed(role=replace(ROLE, **change)), "token included in the request is invalid")


def test_a_request_that_was_signed_for_another_region_is_refused() -> None:
    _refused(signed(region="eu-central-1"), "scoped to a valid region")


def test_a_request_that_was_signed_for_another_service_is_refused() -> None:
    _refused(signed(service="execute-api"), "scoped to a valid region and service")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_of_another_time_is_refused(minutes: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    _refused(signed(), "expired, or not yet current", now)


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_by_some_minutes(minutes: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    assert signer(signed(), ROLES, REGION, now) is ROLE


@given(st.one_of(st.none(), _texts))
def test_a_request_that_is_not_signed_is_refused(authorization: str | None) -> None:
    request = signed()
    others = {name: text for name, text in request.headers.items() if name != "authorization"}
    given_now = {} if authorization is None else {"authorization": authorization}
    _refused(replace(request, headers={**others, **given_now}), "Missing Authentication Token")
