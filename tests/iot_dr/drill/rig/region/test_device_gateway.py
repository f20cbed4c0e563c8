"""A region's device gateway: certificates by server name, and the devices' IoT policy."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink, open_link
from iot_dr.drill.fleet.packet import Packet, PubAck, Publish, SubAck
from iot_dr.drill.rig.addresses import Addresses, free_addresses
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.device_gateway import GatewayState
from tests.support.drill import client_context, in_loop, needs_mosquitto

pytestmark = needs_mosquitto
_REGION, _ACCOUNT = "eu-west-1", "111111111111"
_ARN = f"arn:aws:iot:{_REGION}:{_ACCOUNT}"
_NAME, _OTHER = "mqtt.example.com", "other.example.org"
_OWN = f"a1b2-ats.iot.{_REGION}.amazonaws.com"
_THING = "${iot:Connection.Thing.ThingName}"
# Of the packets of MQTT 3.1.1, which the drill's own client does not send.
_CONNECT_3 = b"\x10\x13\x00\x04MQTT\x04\x02\x00\x1e\x00\x07thing-1"
_SUBSCRIBE_3 = b"\x82\x0b\x00\x01\x00\x06secret\x00"
_PUBLISH_3 = b"\x30\x08\x00\x06secret"

_ALLOWED = {
    "Connect": f"{_ARN}:client/{_THING}",
    "Publish": f"{_ARN}:topic/{_THING}/up",
    "Subscribe": f"{_ARN}:topicfilter/{_THING}/*",
    "Receive": f"{_ARN}:topic/{_THING}/down",
}


def _policy(allowed: dict[str, str]) -> str:
    statements = [
        {"Effect": "Allow", "Action": f"iot:{action}", "Resource": resource}
        for action, resource in allowed.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@dataclass
class _Place:
    """A region, and links of devices that are closed at the end."""

    authority: Authority
    addresses: Addresses
    broker: Broker
    links: list[MqttLink] = field(default_factory=list[MqttLink])
    got: asyncio.Queue[Packet] = field(default_factory=asyncio.Queue[Packet])

    @property
    def address(self) -> tuple[str, int]:
        return self.addresses.hosts[_REGION], self.addresses.mqtt

    def tls(self) -> ssl.SSLContext:
        return client_context(self.authority, self.authority.client("device"))

    async def link(self, client_id: str = "thing-1", name: str = _NAME) -> MqttLink:
        link = await open_link(
            self.address, packet.connect(client_id, 30), self.got.put_nowait, tls=(self.tls(), name)
        )
        self.links.append(link)
        return link

    async def exchange(self, data: bytes) -> bytes:
        """Send bytes over TLS, and return everything until the connection ends."""
        reader, writer = await asyncio.open_connection(
            *self.address, ssl=self.tls(), server_hostname=_NAME
        )
        writer.write(data)
        try:
            return await reader.read()
        finally:
            writer.close()


class _Handshake:
    """A TLS handshake whose steps a test takes one by one."""

    def __init__(
        self, tls: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.received, self._sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = tls.wrap_bio(self.received, self._sent, server_hostname=_NAME)
        self._reader, self._writer = reader, writer

    async def receive(self) -> bool:
        """Wait for bytes of the server; return False at the end of the connection."""
        with suppress(ConnectionError):
            data = await self._reader.read(65536)
            self.received.write(data)
            return bool(data)
        return False

    def step(self, data: bytes = b"") -> None:
        """Take the next step of the handshake, and send `data` after the last one."""
        with suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
            self.tls.write(data)
        self._writer.write(self._sent.read())


@asynccontextmanager
async def _place(folder: Path, allowed: dict[str, str] = _ALLOWED) -> AsyncGenerator[_Place]:
    authority, addresses = Authority(folder / "authority"), free_addresses([_REGION])
    access = GatewayState(
        certificates={_NAME: authority.server("*.example.com"), _OTHER: authority.server(_OTHER)},
        own=authority.server(f"*.iot.{_REGION}.amazonaws.com"),
        policies=(_policy(allowed),),
    )
    broker = Broker(
        _REGION, addresses, authority.roots, access, account_id=_ACCOUNT, things="thing-[0-9]+"
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(broker)
        place = _Place(authority, addresses, broker)
        yield place
        for link in place.links:
            link.abort("the test is over")


@in_loop
async def test_the_server_name_selects_the_certificate(tmp_path: Path) -> None:
    async with _place(tmp_path) as place:
        for number, name in enumerate((_NAME, _OTHER, _OTHER.upper(), _OWN)):
            await place.link(f"thing-{number}", name)
        for name in ("www.example.com", "mqtt.example.net"):
            # AWS IoT's own certificate, whatever names the others have.
            with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
                await place.link(name=name)


@in_loop
async def test_without_a_server_name_aws_s_own_certificate_is_presented(tmp_path: Path) -> None:
    async with _place(tmp_path) as place:
        context = place.tls()
        context.check_hostname = False
        # A client sends no server name for an address.
        host, port = place.address
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        certificate = writer.get_extra_info("peercert")
        writer.close()
        assert certificate["subjectAltName"] == (("DNS", f"*.iot.{_REGION}.amazonaws.com"),)


@in_loop
async def test_a_handshake_with_a_certificate_that_is_replaced_meets_a_closed_connection(
    tmp_path: Path,
) -> None:
    async with _place(tmp_path) as place:
        reader, writer = await asyncio.open_connection(*place.address)
        handshake = _Handshake(place.tls(), reader, writer)
        handshake.step()
        assert await handshake.receive()
        await place.broker.present(place.authority.server("*.example.com", is_expired=True))
        # It has the certificate of before, and would be the link of a device that AWS refuses.
        handshake.step(_CONNECT_3)
        while await handshake.receive():
            with suppress(ssl.SSLError):
                assert handshake.tls.read() == b""
        writer.close()


@in_loop
async def test_a_connect_needs_a_policy_for_the_client_id(tmp_path: Path) -> None:
    async with _place(tmp_path) as place:
        await place.link("thing-7")
        with pytest.raises(BrokerError, match="not authorized"):
            await place.link("stranger")
        refused = _CONNECT_3.replace(b"thing-1", b"thing-x")
        assert await place.exchange(refused) == bytes((0x20, 2, 0, 5))


@in_loop
async def test_a_denied_publish_closes_the_connection(tmp_path: Path) -> None:
    async with _place(tmp_path) as place:
        link, other = await place.link("thing-1"), await place.link("thing-2")
        link.send(packet.publish("thing-1/up", b"", 7))
        assert await place.got.get() == PubAck(7, 0x10)
        link.send(packet.publish("thing-2/up", b"", 8) + packet.publish("thing-1/up", b"", 9))
        assert await link.closed == "not authorized"
        assert not other.closed.done()
        assert place.got.empty()
        # In MQTT 3.1.1 a server does not send DISCONNECT.
        assert await place.exchange(_CONNECT_3 + _PUBLISH_3) in {b"", bytes((0x20, 2, 0, 0))}


@in_loop
async def test_a_denied_subscription_is_refused_and_the_link_stays(tmp_path: Path) -> None:
    async with _place(tmp_path) as place:
        link = await place.link()
        link.send(packet.subscribe("thing-2/down", 1))
        assert await place.got.get() == SubAck(1, b"\x87")
        link.send(packet.subscribe("thing-1/#", 2))
        assert await place.got.get() == SubAck(2, b"\x00")
        answers = await place.exchange(_CONNECT_3 + _SUBSCRIBE_3 + _PUBLISH_3)
        assert bytes((0x90, 3, 0, 1, 0x80)) in answers


@in_loop
async def test_a_message_that_a_device_may_not_receive_is_not_delivered(tmp_path: Path) -> None:
    async with _place(tmp_path) as place:
        link = await place.link()
        link.send(packet.subscribe("thing-1/#", 1))
        assert await place.got.get() == SubAck(1, b"\x00")
        host = place.addresses.hosts[_REGION]
        local = await open_link(
            (host, place.addresses.local), packet.connect("drill/test", 30), lambda _: None
        )
        local.send(packet.publish("thing-1/secret", b"no") + packet.publish("thing-1/down", b"yes"))
        assert await place.got.get() == Publish("thing-1/down", b"yes", 0)
        local.close()


@in_loop
async def test_without_an_action_nothing_of_its_kind_is_allowed(tmp_path: Path) -> None:
    connect = {"Connect": _ALLOWED["Connect"]}
    async with _place(tmp_path, connect) as place:
        link = await place.link()
        link.send(packet.subscribe("thing-1/#", 1))
        assert await place.got.get() == SubAck(1, b"\x87")
        link.send(packet.publish("thing-1/up", b"", 7))
        assert await link.closed == "not authorized"


@in_loop
async def test_malformed_packets_close_the_connection(tmp_path: Path) -> None:
    malformed = (
        packet.PINGREQ,
        _CONNECT_3[:2] + b"\xff" * 19,
        b"\x10\xff\xff\xff\xff\x01",
        _CONNECT_3 + b"\x30\x02\x00\x00",
        _CONNECT_3 + b"\x82\x03\x00\x01\x09",
    )
    async with _place(tmp_path) as place:
        for data in malformed:
            with suppress(ConnectionResetError):
                # The broker may have accepted the session before.
                assert await place.exchange(data) in {b"", bytes((0x20, 2, 0, 0))}
