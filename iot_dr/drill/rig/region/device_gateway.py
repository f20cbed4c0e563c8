"""AWS IoT's device gateway in front of a region's broker: TLS by SNI, and the devices' IoT policy.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html and
iot-policy-actions.html. The broker behind it is mosquitto, on a plain port.
"""

import asyncio
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self, cast

from pydantic import BaseModel, ConfigDict

from iot_dr.design.iot_policy import BrokerClient, ClientPolicies
from iot_dr.drill.fleet.packet import Frames, MalformedPacketError
from iot_dr.drill.rig.region import client_packet
from iot_dr.drill.rig.region.client_packet import CONNECT, PUBLISH, SUBSCRIBE, ConnectPacket
from iot_dr.drill.rig.region.identity import Identity

# As mosquitto's: a longer queue would let more TCP checks pass while the process is frozen.
_BACKLOG: Final = 100

PERMISSIVE: Final = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
)
"""An IoT policy that permits everything."""


class GatewayState(BaseModel):
    """State of a gateway that outages change.

    `certificates` are presented for the server names of domain configurations, `own` for any other
    name and for none. `policies` are the IoT policies that are attached to every device's
    certificate, as JSON. `closes_links`: all open connections are closed once it applies.
    """

    model_config = ConfigDict(frozen=True)

    certificates: dict[str, Identity]
    own: Identity
    policies: tuple[str, ...]
    closes_links: bool = False

    @classmethod
    def permissive(cls, identity: Identity) -> Self:
        """Return a state that presents one certificate for any name, and permits everything."""
        return cls(certificates={}, own=identity, policies=(PERMISSIVE,))


class GatewayConfig(BaseModel):
    """Configuration of a gateway with its first state.

    `port` is that of devices and `broker_port` mosquitto's, on the same host. `roots` have issued
    the certificates that are registered in the region. The client ids that match `things` are names
    of things that the presented certificate is attached to.
    """

    model_config = ConfigDict(frozen=True)

    region: str
    account_id: str
    host: str
    port: int
    broker_port: int
    roots: Path
    things: str
    state: GatewayState


class Gateway:
    """The gateway of one region: accepts devices, and connects each to the broker."""

    def __init__(self, config: GatewayConfig) -> None:
        self.links: set[DeviceLink] = set()
        self.policies = ClientPolicies(())
        self.broker = config.host, config.broker_port
        self._config = config
        self._things = re.compile(config.things)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._own: ssl.SSLContext | None = None
        self._kept: set[ssl.SSLContext] = set()

    async def open(self) -> None:
        """Listen for devices; raises OSError if the port is in use, or a file is unreadable."""
        await self.take(self._config.state)
        listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._trust(listening)
        listening.sni_callback = self._choose
        address = self._config.host, self._config.port
        await asyncio.get_running_loop().create_server(
            lambda: DeviceLink(self), *address, ssl=listening, backlog=_BACKLOG
        )

    async def take(self, state: GatewayState) -> None:
        """Apply a state to new handshakes and requests; raises OSError for an unreadable file."""
        contexts = {each: self._context(each) for each in {state.own, *state.certificates.values()}}
        self._own = contexts[state.own]
        self._contexts = {name: contexts[identity] for name, identity in state.certificates.items()}
        self.policies = ClientPolicies(state.policies)
        if state.closes_links:
            # A handshake that has begun has the certificate of before, and is not among the links.
            self._kept.clear()
            for link in tuple(self.links):
                link.abort()
        self._kept.update(contexts.values())

    def keeps(self, tls: ssl.SSLObject) -> bool:
        """Return whether a handshake began after the last state that closes connections."""
        return tls.context in self._kept

    def client(self, client_id: str) -> BrokerClient:
        """Return the client with a client id, with a thing if its certificate is attached to it."""
        thing = client_id if self._things.fullmatch(client_id) else None
        return BrokerClient(self._config.region, self._config.account_id, client_id, thing)

    def _context(self, identity: Identity) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.certificate, identity.key)
        self._trust(context)
        return context

    def _trust(self, context: ssl.SSLContext) -> None:
        """Require a client certificate that is registered in the region."""
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self._config.roots)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # No device resumes a session.
        context.num_tickets = 0

    def _choose(self, tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        chosen = self._contexts.get((name or "").lower(), self._own)
        if chosen is not None:
            tls.context = chosen


class DeviceLink(asyncio.Protocol):
    """A device's connection: authorizes each of its packets before the broker gets it.

    A denied CONNECT or PUBLISH closes the connection, as AWS IoT does
    (docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html, AUTH_ERROR); a message
    that the device may not receive is not delivered. assumed: a denied SUBSCRIBE gets a SUBACK with
    a failure for each of its topic filters.

    There is no flow control: the drill's devices send and receive little.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._frames = Frames()
        self._connect: ConnectPacket | None = None
        self._client: BrokerClient | None = None
        self._device: asyncio.Transport | None = None
        self._broker: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport of the device, or close one whose handshake began too early."""
        # Uvloop's transports are not subclasses of asyncio's.
        self._device = cast("asyncio.Transport", transport)
        self._gateway.links.add(self)
        if not self._gateway.keeps(transport.get_extra_info("ssl_object")):
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Authorize the device's packets, and pass them on."""
        try:
            allowed = b"".join(self._authorized(data))
        except MalformedPacketError:
            self.abort()
            return
        if self._broker is not None:
            self._broker.write(allowed)
        elif allowed:
            self._waiting.append(allowed)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Close the broker's side."""
        self._gateway.links.discard(self)
        if self._opening is not None:
            self._opening.cancel()
        if self._broker is not None:
            self._broker.close()

    def abort(self) -> None:
        """Close the device's side without waiting for it."""
        if self._device is not None:
            self._device.abort()

    def broker_opened(self, broker: asyncio.Transport) -> None:
        """Send the broker what the device has sent."""
        self._broker = broker
        broker.write(b"".join(self._waiting))
        self._waiting.clear()

    def deliver(self, raw: bytes, body: int) -> None:
        """Send the device a packet of the broker, unless it is a message that it may not receive.

        Its subscriptions have QoS 0, so that the broker waits for no acknowledgement.
        """
        client = self._client
        if raw[0] >> 4 == PUBLISH and client is not None:
            topic = client_packet.read_topic(raw[body:])
            if not self._gateway.policies.allow(client, "Receive", topic):
                return
        if self._device is not None:
            self._device.write(raw)

    def broker_lost(self) -> None:
        """Close the device's side after what the broker has sent."""
        if self._device is not None:
            self._device.close()

    def _authorized(self, data: bytes) -> Iterator[bytes]:
        for raw, begin in self._frames.feed(data):
            kind, body = raw[0] >> 4, raw[begin:]
            if self._connect is None or self._client is None:
                if kind != CONNECT:
                    raise MalformedPacketError("no CONNECT")
                if not self._accept(body):
                    return
            elif kind == PUBLISH:
                topic = client_packet.read_topic(body)
                if not self._gateway.policies.allow(self._client, "Publish", topic):
                    self._refuse(self._connect.goodbye())
                    return
            elif kind == SUBSCRIBE:
                asked = client_packet.read_subscribe(body, self._connect)
                allow = self._gateway.policies.allow
                if not all(allow(self._client, "Subscribe", each) for each in asked.filters):
                    self._answer(asked.refusal(self._connect))
                    continue
            yield raw

    def _accept(self, body: bytes) -> bool:
        """Authorize a CONNECT, and open the connection to the broker."""
        self._connect = client_packet.read_connect(body)
        client_id = self._connect.client_id
        self._client = self._gateway.client(client_id)
        if not self._gateway.policies.allow(self._client, "Connect", client_id):
            self._refuse(self._connect.refusal())
            return False
        self._opening = asyncio.get_running_loop().create_task(self._open_broker())
        return True

    async def _open_broker(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _BrokerLink(self), *self._gateway.broker)
        except OSError:
            self.abort()

    def _refuse(self, answer: bytes) -> None:
        self._answer(answer)
        if self._device is not None:
            self._device.close()

    def _answer(self, answer: bytes) -> None:
        if self._device is not None:
            self._device.write(answer)


class _BrokerLink(asyncio.Protocol):
    """The broker's side of a device's connection."""

    def __init__(self, device: DeviceLink) -> None:
        self._device = device
        self._frames = Frames()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport of the broker."""
        self._device.broker_opened(cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        """Pass packets on to the device."""
        for raw, begin in self._frames.feed(data):
            self._device.deliver(raw, begin)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Close the device's side."""
        self._device.broker_lost()
