"""A device: connects to the device name, publishes, and reconnects when its link breaks."""

import asyncio
import math
import random
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.greeting import Greeting
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.logbook import Logbook, Sent
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink, open_link, refusal
from iot_dr.drill.fleet.packet import Packet, PubAck
from iot_dr.drill.fleet.topics import Topics
from iot_dr.drill.recording import Connection
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.upstream import ResolveError

OnChange = Callable[[str, int], None]
"""Receives a region, and +1 when a device connects to it or -1 when it disconnects."""

_AGAIN: Final = 1.0

_IDS: Final = 65_535


class Resolves(Protocol):
    """DNS resolver of a device."""

    async def resolve(self, name: str) -> str:
        """Return the IPv4 address of a name; raises ResolveError without an answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceContext:
    """Configuration that all devices of a fleet share.

    `name` is the device name; `tls` trusts the drill's certificate authority and presents the
    fleet's client certificate.
    """

    clock: RigClock
    habits: Habits
    addresses: Addresses
    environment: str
    name: str
    tls: ssl.SSLContext


class Device:
    """One device of the fleet, with the fleet's habits and its own random draws.

    It stays connected to a region until the link closes, whatever DNS answers. A message counts as
    acknowledged if its PUBACK reports success; otherwise it is sent again after a rehearsed second.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one parameter for each collaborator
        self,
        number: int,
        context: DeviceContext,
        resolver: Resolves,
        draws: random.Random,
        logbook: Logbook,
        on_change: OnChange,
    ) -> None:
        self._number, self._context, self._resolver = number, context, resolver
        self._draws, self._logbook, self._on_change = draws, logbook, on_change
        self._outbox = Outbox(context.habits.buffer, logbook.sent.setdefault(number, Sent()))
        self._thing = thing_name(number)
        self._topics = Topics(context.environment, self._thing)
        # Drawn before any wait, so that the order of draws does not depend on timing.
        self._phase = draws.random() * context.habits.period
        self._link: MqttLink | None = None
        self._greeting: Greeting | None = None
        self._is_repeating = False

    async def run(self) -> None:
        """Run until cancelled; closes the link at the end."""
        loop = asyncio.get_running_loop()
        messages = loop.create_task(self._make_messages())
        failures = 0
        try:
            while True:
                if await self._connected():
                    failures = 0
                else:
                    failures += 1
                longest = self._context.habits.longest_wait(failures)
                await self._context.clock.sleep(self._draws.random() * longest)
        finally:
            messages.cancel()
            await asyncio.gather(messages, return_exceptions=True)

    async def _make_messages(self) -> None:
        clock, period = self._context.clock, self._context.habits.period
        due = clock.now() + self._phase
        while True:
            await clock.sleep(due - clock.now())
            self._outbox.make()
            if self._link is None:
                self._outbox.trim()
            else:
                self._publish()
            due += period

    async def _connected(self) -> bool:
        """Try to connect, and keep the link until it closes; return whether it was answered."""
        clock = self._context.clock
        self._logbook.attempts.append(clock.now())
        try:
            link, region = await self._accepted()
        except (OSError, BrokerError, ResolveError) as error:
            self._logbook.refusals[refusal(error)] += 1
            return False
        begin = clock.now()
        self._on_change(region, 1)
        try:
            await self._live(link)
        finally:
            link.close()
            self._on_change(region, -1)
            end = clock.now() if link.closed.done() else None
            self._logbook.connections.append(
                Connection(device=self._number, region=region, begin=begin, end=end)
            )
        return True

    async def _accepted(self) -> tuple[MqttLink, str]:
        around = self._context
        limit = around.clock.wall(around.habits.connect_timeout)
        # Whole seconds on the wire; the broker allows 1.5 times as long (MQTT 5, 3.1.2.10).
        keep_alive = math.ceil(around.clock.wall(around.habits.keep_alive))
        hello = packet.connect(self._thing, keep_alive)
        async with asyncio.timeout(limit):
            host = await self._resolver.resolve(around.name)
            address = host, around.addresses.mqtt
            tls = around.tls, around.name
            greeting = self._greeting = Greeting(self._topics, around.clock.wall(_AGAIN))
            link = await open_link(address, hello, self._take, tls=tls, timeout=limit)
        try:
            await greeting.run(link, limit)
        finally:
            self._greeting = None
        return link, around.addresses.region(host)

    async def _live(self, link: MqttLink) -> None:
        """Publish and ping over a link until it closes."""
        self._link = link
        self._repeat()
        self._publish()
        watching = asyncio.get_running_loop().create_task(self._watch(link))
        try:
            await asyncio.shield(link.closed)
        finally:
            self._link = None
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, link: MqttLink) -> None:
        """Send PINGREQ on a silent link; abort the link if no answer arrives in time."""
        clock, habits = self._context.clock, self._context.habits
        keep_alive, timeout = clock.wall(habits.keep_alive), clock.wall(habits.ping_timeout)
        while True:
            if (left := link.heard + keep_alive - time.monotonic()) > 0:
                await asyncio.sleep(left)
                continue
            pinged = time.monotonic()
            link.send(packet.PINGREQ)
            await asyncio.sleep(timeout)
            # Lets the loop read data that arrived while this process was busy.
            await asyncio.sleep(0)
            if link.heard < pinged:
                link.abort("silent")

    def _take(self, got: Packet) -> None:
        if self._greeting is not None:
            self._greeting.take(got)
        if self._link is None or not isinstance(got, PubAck):
            return
        if got.reason == packet.SUCCESS:
            self._outbox.acknowledge(got.id)
        elif not self._is_repeating:
            # No subscriber yet, or refused.
            self._is_repeating = True
            again = self._context.clock.wall(_AGAIN)
            asyncio.get_running_loop().call_later(again, self._repeat)

    def _publish(self) -> None:
        for id_, number in self._outbox.take_buffered():
            self._send(packet.publish(self._topics.messages, payload(number), id_))

    def _repeat(self) -> None:
        self._is_repeating = False
        for id_, number in self._outbox.under_way():
            self._send(packet.publish(self._topics.messages, payload(number), id_, again=True))

    def _send(self, packets: bytes) -> None:
        if self._link is not None:
            self._link.send(packets)


def thing_name(number: int) -> str:
    """Return the thing name of a device, which is also its client id."""
    return f"drill-{number:06d}"


def payload(number: int) -> bytes:
    """Return the payload of a message."""
    return b'{"sequence":%d}' % number


class Outbox:
    """Outgoing messages: a buffer, and the messages in flight until they are acknowledged.

    A full buffer drops its oldest message. Messages in flight are not in the buffer and are never
    dropped; they are pairs of packet id and message number.
    """

    def __init__(self, buffer: int, sent: Sent) -> None:
        self._sent = sent
        self._size = buffer
        self._under_way: dict[int, int] = {}
        self._waiting: deque[int] = deque()

    def make(self) -> None:
        """Add a new message to the buffer."""
        self._waiting.append(self._sent.created)
        self._sent.created += 1

    def trim(self) -> None:
        """Drop the oldest messages that exceed the buffer, as an offline device does."""
        while len(self._waiting) > self._size:
            self._sent.dropped += 1
            self._waiting.popleft()

    def take_buffered(self) -> list[tuple[int, int]]:
        """Return all buffered messages in order and mark them as in flight."""
        taken = [(number % _IDS + 1, number) for number in self._waiting]
        self._waiting.clear()
        self._under_way.update(taken)
        return taken

    def under_way(self) -> list[tuple[int, int]]:
        """Return the messages in flight, in order."""
        return list(self._under_way.items())

    def acknowledge(self, id_: int) -> None:
        """Note the acknowledgement of a packet; ignores repeated ones."""
        if id_ in self._under_way:
            self._sent.acknowledged.add(self._under_way.pop(id_))
