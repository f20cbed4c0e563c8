"""What takes the fleet's messages, as the cloud does behind a region's broker, and counts them."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.logbook import Sent
from iot_dr.drill.fleet.mqtt_link import MqttLink, RefusedError, open_link
from iot_dr.drill.fleet.packet import LOCAL_CLIENT, Packet, Publish, SubAck
from iot_dr.drill.recording import Messages
from iot_dr.drill.rig.addresses import Addresses

_PAUSE: Final = 0.01
_CONNECT_LIMIT: Final = 1.0
_DRAIN_LIMIT: Final = 5.0
_SUBSCRIPTION: Final = 1
_PAYLOAD: Final = re.compile(rb'\{"sequence":([0-9]{1,15})\}')


class Consumer:
    """Takes a region's messages over its plain listener, as an async context manager.

    Whenever the link ends it connects anew. It asks for QoS 0, so that it has nothing to write: the
    broker writes a message to this socket before it acknowledges it to the device, and what the
    kernel has of it outlives the broker, unless this side writes to a broker that is dead. So no
    acknowledged message is lost as long as the kernel's buffers take what the broker writes, some
    ten thousand messages that this process has not read. While no consumer is connected the broker
    says so in its acknowledgement, and devices send again.
    """

    def __init__(
        self, region: str, addresses: Addresses, environment: str, ledger: "Ledger"
    ) -> None:
        self._address = addresses.hosts[region], addresses.local
        self._ledger = ledger
        self._topics = re.compile(rf"iot-{re.escape(environment)}/drill-([0-9]{{1,9}})/up/drill")
        self._filter = f"iot-{environment}/+/up/#"
        self._mark = f"iot-{environment}/drill/up/mark"
        self._subscribed = asyncio.Event()
        self._marked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._link: MqttLink | None = None
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._work = asyncio.get_running_loop().create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def subscribed(self) -> None:
        """Wait until the broker hands messages on."""
        await self._subscribed.wait()

    async def drained(self) -> None:
        """Wait until all has come that the broker acknowledged before, or has died with.

        A broker that is frozen has acknowledged nothing that has not come; it is not waited for.
        """
        link = self._link
        if link is None:
            return
        self._marked = asyncio.get_running_loop().create_future()
        with suppress(OSError, RefusedError):
            async with self._marking():
                await self._first_of(self._marked, link.closed)
                return
        # The broker is gone: the link closes once the last message has been read.
        await self._first_of(link.closed)

    @asynccontextmanager
    async def _marking(self) -> AsyncGenerator[None]:
        """Let the broker hand on a message that comes after all others.

        By a link of its own: to write on that of a dead broker would throw away what it sent last.
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
            with suppress(OSError, RefusedError):
                await self._consume()
            await asyncio.sleep(_PAUSE)

    async def _consume(self) -> None:
        hello = packet.connect(f"{LOCAL_CLIENT}consumer", 0)
        link = await open_link(self._address, hello, self._take, timeout=_CONNECT_LIMIT)
        self._link = link
        try:
            link.send(packet.subscribe(self._filter, _SUBSCRIPTION))
            await asyncio.shield(link.closed)
        finally:
            self._link = None
            self._subscribed.clear()
            link.close()

    def _take(self, got: Packet) -> None:
        if isinstance(got, Publish):
            self._receive(got)
        elif isinstance(got, SubAck) and self._link is not None:
            if any(map(packet.is_failure, got.reasons)):
                self._link.abort("the subscription was refused")
            else:
                self._subscribed.set()

    def _receive(self, message: Publish) -> None:
        """Count a message of a device; others that a local program may send are none of ours."""
        if message.topic == self._mark and not self._marked.done():
            self._marked.set_result(None)
        device = self._topics.fullmatch(message.topic)
        number = _PAYLOAD.fullmatch(message.payload)
        if device is not None and number is not None:
            self._ledger.receive(int(device[1]), int(number[1]))


class Ledger:
    """The memory of an idempotent consumer: of each message it takes the first, from any region."""

    def __init__(self) -> None:
        self._seen: defaultdict[int, set[int]] = defaultdict(set)
        self._highest: dict[int, int] = {}
        self._doubled = 0
        self._reordered = 0

    def receive(self, device: int, number: int) -> None:
        """Count a message that came."""
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
        """Compare what came with what the devices noted."""
        made = sum(each.made for each in sent.values())
        dropped = sum(each.dropped for each in sent.values())
        acknowledged = sum(len(each.acknowledged) for each in sent.values())
        return Messages(
            made=made,
            acknowledged=acknowledged,
            received=sum(len(self._received(device)) for device in sent),
            lost=sum(
                len(each.acknowledged - self._received(device)) for device, each in sent.items()
            ),
            dropped=dropped,
            unsent=made - dropped - acknowledged,
            doubled=self._doubled,
            reordered=self._reordered,
        )

    def _received(self, device: int) -> set[int]:
        return self._seen.get(device, set())
