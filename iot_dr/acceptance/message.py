"""A message through the device name as a device sends it: MQTT over TLS, with a certificate."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.common.user_error import UserError
from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import BrokerError, open_link, refusal
from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.dns_query import DnsError, query_dns, records
from iot_dr.observe.status.network import Network, Resolver
from iot_dr.observe.status.queries import first_answer
from iot_dr.observe.status.unknown import UnknownValue

SECONDS: Final = 15.0
"""Time limit of each exchange with a broker."""
KEEP_ALIVE: Final = 60
_PACKET_ID: Final = 1


class NotPublishedError(UserError):
    """No broker acknowledged the message."""


@dataclass(frozen=True)
class Published:
    """The region whose broker acknowledged a message, and the address that it was sent to."""

    region: str
    address: str


Publish = Callable[[AcceptanceDevice, bytes], Published]
"""Publishes a message as the device; raises NotPublishedError."""


@dataclass(frozen=True, kw_only=True)
class DevicePublisher:
    """Publishes through the device name; `trust` returns a TLS context that verifies the server."""

    settings: Settings
    network: Network
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def __call__(self, device: AcceptanceDevice, payload: bytes) -> Published:
        """Resolve the device name, connect, publish at QoS 1 and wait for the acknowledgement.

        Raises NotPublishedError if one of these fails.
        """
        try:
            region, address = self._resolved()
            asyncio.run(self._send(device, address, payload))
        except (DnsError, OSError, BrokerError) as error:
            why = str(error) if isinstance(error, DnsError) else refusal(error)
            raise NotPublishedError(f"{self.settings.device_name}: {why}") from error
        return Published(region, address)

    def _resolved(self) -> tuple[str, str]:
        """Resolve the device name step by step; return the region and the address."""
        own = self.settings
        asking = [partial(self._target, resolver) for resolver in self.network.resolvers]
        target = first_answer(asking, self.network.limits.dns)
        if isinstance(target, UnknownValue):
            raise DnsError(target.reason)
        regions = {own.regional_name(region): region for region in own.regions}
        if target not in regions:
            raise DnsError(f"resolves to {target or 'no CNAME'}, which is not one of its regions")
        return regions[target], addresses(target, self.network, self.network.limits.dns)[0]

    def _target(self, resolver: Resolver) -> str:
        name, seconds = self.settings.device_name, self.network.limits.dns
        message = query_dns(resolver.address, resolver.port, name, RdataType.CNAME, seconds)
        answers = records(message, RdataType.CNAME, name)
        return answers[0].data.lower() if answers else ""

    async def _send(self, device: AcceptanceDevice, address: str, payload: bytes) -> None:
        context = self.trust()
        context.load_cert_chain(device.certificate, device.key)
        acknowledged: asyncio.Future[packet.PubAck] = asyncio.get_running_loop().create_future()

        def hear(heard: packet.Packet) -> None:
            if isinstance(heard, packet.PubAck) and not acknowledged.done():
                acknowledged.set_result(heard)

        link = await open_link(
            (address, self.network.tls_port),
            packet.connect(device.thing, KEEP_ALIVE),
            hear,
            tls=(context, self.settings.device_name),
            timeout=SECONDS,
        )
        try:
            topic = f"iot-{self.settings.environment}/{device.thing}/up/acceptance"
            link.send(packet.publish(topic, payload, _PACKET_ID))
            async with asyncio.timeout(SECONDS):
                await asyncio.wait([acknowledged, link.closed], return_when=asyncio.FIRST_COMPLETED)
        finally:
            link.close()
            await asyncio.wait([link.closed], timeout=SECONDS)
        if not acknowledged.done():
            raise BrokerError(link.closed.result())
        if packet.is_failure(reason := acknowledged.result().reason):
            raise BrokerError(packet.reason_name(reason))
