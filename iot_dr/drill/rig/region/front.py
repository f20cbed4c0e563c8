"""HTTPS publish of AWS IoT on a region's name and port 443, to the region's broker.

Sources: docs.aws.amazon.com/iot/latest/developerguide/http.html, .../iot/latest/apireference/
API_iotdata_Publish.html, and for signatures docs.aws.amazon.com/IAM/latest/UserGuide/
reference_sigv-create-signed-request.html. Signatures are computed from that page, independent of
the SDK that signs the requests.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import parse_qsl, quote, unquote

from iot_dr.design.permissions import topic_call
from iot_dr.drill.fleet.mqtt_link import BrokerError
from iot_dr.drill.fleet.packet import (
    DISCONNECT,
    LOCAL_CLIENT,
    ConnAck,
    MalformedPacketError,
    Packet,
    Parser,
    PubAck,
    connect,
    is_failure,
    publish,
    reason_name,
)
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.https_server import HttpRequest, HttpResponse
from iot_dr.drill.rig.region.region_config import Role

_LIMIT: Final = 5.0
_TOPICS: Final = "/topics/"

Publish = Callable[[str, bytes], Awaitable[None]]
"""Publishes a message to a topic; raises OSError or BrokerError without an acknowledgement."""

_SIZE = 4096
_COMMAND_ID = 1

_Wanted = TypeVar("_Wanted", ConnAck, PubAck)

_SIGNED_SERVICE: Final = "iotdata"
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_LEEWAY: Final = timedelta(minutes=5)
_TIME: Final = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION: Final = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>[^/,]+)/(?P<day>\d{{8}})/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_TOKEN: Final = "x-amz-security-token"  # noqa: S105 - a header's name


class PublishHandler:
    """Handler of publish requests; answers 200 after the broker has acknowledged a message.

    The status is 403 without a valid signature or if the role does not allow it, 404 for
    another path, 400 for another QoS than 1, 500 if the broker refuses or cannot be reached, and
    504 if it does not answer within 5 rehearsed seconds. With `refuses` every valid publish gets
    403. Each answer is delayed by `latency` rehearsed seconds.
    """

    def __init__(
        self, region: str, roles: Mapping[str, Role], clock: RigClock, publish: Publish
    ) -> None:
        self.refuses = False
        self.latency = 0.0
        self._region = region
        self._roles = roles
        self._clock = clock
        self._publish = publish

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        if self.latency:
            await self._clock.sleep(self.latency)
        try:
            role = signer(request, self._roles, self._region, datetime.now(UTC))
        except SignatureError as error:
            return HttpResponse.message(HTTPStatus.FORBIDDEN, str(error))
        topic = unquote(request.path.removeprefix(_TOPICS))
        if request.method != "POST" or not request.path.startswith(_TOPICS):
            return HttpResponse.message(HTTPStatus.NOT_FOUND)
        if request.query != "qos=1":
            return HttpResponse.message(HTTPStatus.BAD_REQUEST, "the drill supports only qos=1")
        if self.refuses or role.grants.access(topic_call(self._region, topic)) != "allowed":
            return HttpResponse.message(HTTPStatus.FORBIDDEN)
        return await self._published(topic, request.body)

    async def _published(self, topic: str, body: bytes) -> HttpResponse:
        try:
            async with asyncio.timeout(self._clock.wall(_LIMIT)):
                await self._publish(topic, body)
        except TimeoutError:
            return HttpResponse.message(HTTPStatus.GATEWAY_TIMEOUT)
        except (OSError, BrokerError):
            return HttpResponse.message(HTTPStatus.INTERNAL_SERVER_ERROR)
        return HttpResponse.message(HTTPStatus.OK)


async def publish_once(host: str, port: int, topic: str, payload: bytes) -> None:
    """Publish with QoS 1 and wait for the acknowledgement, without a time limit.

    Raises OSError if the broker cannot be reached or closes the connection, and BrokerError if it
    refuses.
    """
    reader, writer = await asyncio.open_connection(host, port)
    parser = Parser()
    try:
        writer.write(connect(f"{LOCAL_CLIENT}front-{secrets.token_hex(8)}", 0))
        _refuse_failure((await _next_packet(reader, parser, ConnAck)).reason)
        writer.write(publish(topic, payload, _COMMAND_ID))
        _refuse_failure((await _next_packet(reader, parser, PubAck)).reason)
        writer.write(DISCONNECT)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _next_packet(
    reader: asyncio.StreamReader, parser: Parser, kind: type[_Wanted]
) -> _Wanted:
    """Return the next packet.

    Raises BrokerError for an invalid packet and for another kind than expected, and
    ConnectionResetError if the connection ends.
    """
    packets: list[Packet] = []
    while not packets:
        data = await reader.read(_SIZE)
        if not data:
            raise ConnectionResetError
        try:
            packets = parser.feed(data)
        except MalformedPacketError as error:
            raise BrokerError(str(error)) from error
    if not isinstance(packets[0], kind):
        raise BrokerError(f"the broker sent {packets[0]}")
    return packets[0]


def _refuse_failure(reason: int) -> None:
    if is_failure(reason):
        raise BrokerError(reason_name(reason))


class SignatureError(Exception):
    """A request has no valid signature; the message is the one of AWS."""


def signer(request: HttpRequest, roles: Mapping[str, Role], region: str, now: datetime) -> Role:
    """Return the role whose key signed a request for this region within 5 minutes of `now`.

    `roles` are keyed by access key id; `now` is in UTC. Raises SignatureError.
    """
    given = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if given is None:
        raise SignatureError("Missing Authentication Token")
    role = roles.get(given["key"])
    if role is None or request.headers.get(_TOKEN) != role.token:
        raise SignatureError("The security token included in the request is invalid.")
    if given["scope"] != f"{region}/{_SIGNED_SERVICE}/aws4_request":
        raise SignatureError("Credential should be scoped to a valid region and service.")
    _refuse_other_times(request, given["day"], now)
    signed = given["headers"].split(";")
    expected = _signature(request, role, given["day"], given["scope"], signed)
    if not _covers(request, signed) or not hmac.compare_digest(expected, given["signature"]):
        raise SignatureError("The request signature we calculated does not match the signature.")
    return role


def _refuse_other_times(request: HttpRequest, day: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(request.headers["x-amz-date"], _TIME).replace(tzinfo=UTC)
    except (KeyError, ValueError):
        raise SignatureError("Date must be in ISO-8601 'basic format'.") from None
    if abs(now - signed_at) > _LEEWAY or f"{signed_at:%Y%m%d}" != day:
        raise SignatureError("Signature expired, or not yet current.")


def _covers(request: HttpRequest, signed: list[str]) -> bool:
    """Whether all required headers are signed, and all signed headers were sent."""
    needed = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    return needed <= set(signed) <= set(request.headers)


def _signature(request: HttpRequest, role: Role, day: str, scope: str, signed: list[str]) -> str:
    digest = hashlib.sha256(_canonical(request, signed).encode()).hexdigest()
    text = "\n".join((_ALGORITHM, request.headers.get("x-amz-date", ""), f"{day}/{scope}", digest))
    key = f"AWS4{role.secret_key}".encode()
    for part in (day, *scope.split("/")):
        key = _mac(key, part)
    return _mac(key, text).hex()


def _canonical(request: HttpRequest, signed: list[str]) -> str:
    pairs = sorted(
        (quote(name, safe="~"), quote(value, safe="~"))
        for name, value in parse_qsl(request.query, keep_blank_values=True)
    )
    return "\n".join(
        (
            request.method,
            # The sent path encoded again, as for every service except S3.
            quote(request.path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
