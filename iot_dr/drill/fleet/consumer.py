"""Consumers that receive and count the fleet's messages, in place of AWS IoT's rules."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.logbook import Sent
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink, open_link
from iot_dr.drill.fleet.packet import LOCAL_CLIENT, Packet, Publish, SubAck
from iot_dr.drill.fleet.topics import THING_NAMES, Topics
from iot_dr.drill.recording import Messages
from iot_dr.drill.rig.addresses import Addresses
from modules.registry_sources import telemetry_topics

_PAUSE: Final = 0.01
_CONNECT_LIMIT: Final = 1.0
_DRAIN_LIMIT: Final = 5.0
_SUBSCRIPTION: Final = 1
_PAYLOAD: Final = re.compile(rb'\{"sequence":([0-9]{1,15})\}')


class RegionConsumer:
    """Consumer of a region's messages over its plain listener, an async context manager.

    It answers the first message of a device's connection, over a link of its own. It reconnects
    whenever the link ends. It subscribes with QoS 0, so that it never writes on that link: the
    broker writes a message to this socket before it acknowledges it to the device, and the
    kernel's buffer outlives the broker, unless this side writes to a dead one. So no acknowledged
    message is lost while the kernel buffers what the broker writes, some ten thousand messages.
    Without a consumer the broker's PUBACK has the reason "no matching subscribers", and devices
    send the message again.
    """

    def __init__(
        self, region: str, addresses: Addresses, environment: str, ledger: "MessageLedger"
    ) -> None:
        self._address = addresses.hosts[region], addresses.local
        self._ledger = ledger
        self._topics = re.compile(rf"iot-{re.escape(environment)}/drill-([0-9]{{1,9}})/up/drill")
        self._filter = telemetry_topics(environment)
        self._mark = f"iot-{environment}/drill/up/mark"
        self._subscribed = asyncio.Event()
        self._marked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hello = re.compile(rf"iot-{re.escape(environment)}/({THING_NAMES})/up/hello")
        self._environment = environment
        self._link: MqttLink | None = None
        self._answering: MqttLink | None = None
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._work = asyncio.get_running_loop().create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def subscribed(self) -> None:
        """Wait until the subscription is active."""
        await self._subscribed.wait()

    async def drained(self) -> None:
        """Wait until all messages are received that the broker acknowledged, or had when it died.

        Returns at once without a link, and gives up after 5 s: a frozen broker has acknowledged
        nothing more.
        """
        link = self._link
        if link is None:
            return
        self._marked = asyncio.get_running_loop().create_future()
        with suppress(OSError, BrokerError):
            async with self._marking():
                await self._first_of(self._marked, link.closed)
                return
        # The broker is gone: the link closes once the last message has been read.
        await self._first_of(link.closed)

    @asynccontextmanager
    async def _marking(self) -> AsyncGenerator[None]:
        """Publish a message that the consumer receives after all others.

        Over a separate link: writing to a dead broker would discard what it sent last.
        """
        hello = packet.connect(f"{LOCAL_CLIENT}marker", 0)
        link = await open_link(self._address, hello, lambda _: None, timeout=_CONNECT_LIMIT)
        try:
            link.send(packet.publish(self._mark, b""))
            yield
        finally:
            link.close()

    async def _first_of(self, *ends: asyncio.Future[Any]) -> None:
        await asyncio.wait(ends, timeout=_DRAIN_LIMIT, return_when=asyncio.FIRST_COMPLETED)

    async def _run(self) -> None:
        while True:
            with suppress(OSError, BrokerError):
                await self._consume()
            await asyncio.sleep(_PAUSE)

    async def _consume(self) -> None:
        hello = packet.connect(f"{LOCAL_CLIENT}consumer", 0)
        link = await open_link(self._address, hello, self._take, timeout=_CONNECT_LIMIT)
        self._link = link
        try:
            hello = packet.connect(f"{LOCAL_CLIENT}answers", 0)
            limit = _CONNECT_LIMIT
            self._answering = await open_link(self._address, hello, lambda _: None, timeout=limit)
            link.send(packet.subscribe(self._filter, _SUBSCRIPTION))
            await asyncio.shield(link.closed)
        finally:
            self._link = None
            self._subscribed.clear()
            link.close()
            if self._answering is not None:
                self._answering.close()
                self._answering = None

    def _take(self, got: Packet) -> None:
        if isinstance(got, Publish):
            self._receive(got)
        elif isinstance(got, SubAck) and self._link is not None:
            if any(map(packet.is_failure, got.reasons)):
                self._link.abort("the subscription was refused")
            else:
                self._subscribed.set()

    def _receive(self, message: Publish) -> None:
        """Count a message of a device; ignore messages of other programs on this machine."""
        if message.topic == self._mark and not self._marked.done():
            self._marked.set_result(None)
        if self._answering is not None and (greeting := self._hello.fullmatch(message.topic)):
            topics = Topics(self._environment, greeting[1])
            self._answering.send(packet.publish(topics.answer, b""))
        device = self._topics.fullmatch(message.topic)
        number = _PAYLOAD.fullmatch(message.payload)
        if device is not None and number is not None:
            self._ledger.receive(int(device[1]), int(number[1]))


class MessageLedger:
    """Received message numbers by device; counts each message once, from any region."""

    def __init__(self) -> None:
        self._seen: defaultdict[int, set[int]] = defaultdict(set)
        self._highest: dict[int, int] = {}
        self._doubled = 0
        self._reordered = 0

    def receive(self, device: int, number: int) -> None:
        """Count a received message."""
        seen = self._seen[device]
        if number in seen:
            self._doubled += 1
            return
        seen.add(number)
        highest = self._highest.get(device, -1)
        if number < highest:
            self._reordered += 1
        self._highest[device] = max(number, highest)

    def messages(self, sent: Mapping[int, Sent]) -> Messages:
        """Return the counts of received messages compared with what the devices sent."""
        created = sum(each.created for each in sent.values())
        dropped = sum(each.dropped for each in sent.values())
        acknowledged = sum(len(each.acknowledged) for each in sent.values())
        return Messages(
            created=created,
            acknowledged=acknowledged,
            received=sum(len(self._received(device)) for device in sent),
            lost=sum(
                len(counts.acknowledged - self._received(device)) for device, counts in sent.items()
            ),
            dropped=dropped,
            unsent=created - dropped - acknowledged,
            duplicated=self._doubled,
            reordered=self._reordered,
        )

    def _received(self, device: int) -> set[int]:
        return self._seen.get(device, set())
