"""A device: connects to a name, publishes, and comes back when its link breaks."""

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
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.logbook import Logbook, Sent
from iot_dr.drill.fleet.mqtt_link import MqttLink, RefusedError, open_link, refusal
from iot_dr.drill.fleet.packet import Packet, PubAck
from iot_dr.drill.recording import Connection
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.dns.upstream import ResolveError

OnChange = Callable[[str, int], None]
"""Is told a region and +1 when a device is connected to it, -1 when it no longer is."""

_AGAIN: Final = 1.0
_MOST_DOUBLINGS: Final = 32

_IDS: Final = 65_535


class Resolves(Protocol):
    """Finds the address of a name."""

    async def resolve(self, name: str) -> str:
        """Return an IPv4 address; raises ResolveError where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same for all devices of a fleet.

    `name` is what devices connect to; `tls` trusts the drill's authority and shows the fleet's
    certificate.
    """

    clock: Clock
    habits: Habits
    addresses: Addresses
    environment: str
    name: str
    tls: ssl.SSLContext

    def topic(self, thing: str) -> str:
        """Return the topic on which a thing publishes, which its policy allows to it alone."""
        return f"iot-{self.environment}/{thing}/up/drill"


class Device:
    """One device of the fleet, with the habits of all and random draws of its own.

    It stays with the region that accepted it until the link closes, whatever DNS says. A message
    counts as acknowledged when the broker says that it was handed on: one that nobody received is
    sent again after a second.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a device is made of
        self,
        number: int,
        around: Surroundings,
        resolver: Resolves,
        draws: random.Random,
        logbook: Logbook,
        on_change: OnChange,
    ) -> None:
        self._number, self._around, self._resolver = number, around, resolver
        self._draws, self._logbook, self._on_change = draws, logbook, on_change
        self._outbox = Outbox(around.habits.buffer, logbook.sent.setdefault(number, Sent()))
        self._thing = thing_name(number)
        self._topic = around.topic(self._thing)
        # Drawn before any wait, so that the order of draws never depends on what takes how long.
        self._phase = draws.random() * around.habits.period
        self._link: MqttLink | None = None
        self._is_repeating = False

    async def run(self) -> None:
        """Live until cancelled; the link is closed at the end."""
        loop = asyncio.get_running_loop()
        making = loop.create_task(self._make_messages())
        failures = 0
        try:
            while True:
                if await self._connected():
                    failures = 0
                else:
                    failures += 1
                await self._around.clock.sleep(self._draws.random() * self._longest_wait(failures))
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    def _longest_wait(self, failures: int) -> float:
        habits = self._around.habits
        return min(habits.ceiling, habits.backoff * 2 ** min(failures, _MOST_DOUBLINGS))

    async def _make_messages(self) -> None:
        clock, period = self._around.clock, self._around.habits.period
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
        """Try to connect, and keep the link until it closes; False when no link came about."""
        clock = self._around.clock
        self._logbook.attempts.append(clock.now())
        try:
            link, region = await self._accepted()
        except (OSError, RefusedError, ResolveError) as error:
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
        around = self._around
        limit = around.clock.wall(around.habits.connect_timeout)
        # On the wire it is in whole seconds, and the broker waits for half as long again.
        keep_alive = math.ceil(around.clock.wall(around.habits.keep_alive))
        hello = packet.connect(self._thing, keep_alive)
        async with asyncio.timeout(limit):
            host = await self._resolver.resolve(around.name)
            address = host, around.addresses.mqtt
            tls = around.tls, around.name
            link = await open_link(address, hello, self._take, tls=tls, timeout=limit)
        return link, around.addresses.region(host)

    async def _live(self, link: MqttLink) -> None:
        """Publish over a link, and see that it is alive, until it closes."""
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
        """Ping a link on which nothing was heard; give it up when that is not answered."""
        clock, habits = self._around.clock, self._around.habits
        keep_alive, timeout = clock.wall(habits.keep_alive), clock.wall(habits.ping_timeout)
        while True:
            if (left := link.heard + keep_alive - time.monotonic()) > 0:
                await asyncio.sleep(left)
                continue
            pinged = time.monotonic()
            link.send(packet.PINGREQ)
            await asyncio.sleep(timeout)
            # What came while this process was held up is read before anything is given up.
            await asyncio.sleep(0)
            if link.heard < pinged:
                link.abort("silent")

    def _take(self, got: Packet) -> None:
        if not isinstance(got, PubAck):
            return
        if got.reason == packet.SUCCESS:
            self._outbox.acknowledge(got.id)
        elif self._link is not None and not self._is_repeating:
            # Nobody had subscribed yet, or it was refused.
            self._is_repeating = True
            again = self._around.clock.wall(_AGAIN)
            asyncio.get_running_loop().call_later(again, self._repeat)

    def _publish(self) -> None:
        for id_, number in self._outbox.send():
            self._send(packet.publish(self._topic, payload(number), id_))

    def _repeat(self) -> None:
        self._is_repeating = False
        for id_, number in self._outbox.under_way():
            self._send(packet.publish(self._topic, payload(number), id_, again=True))

    def _send(self, packets: bytes) -> None:
        if self._link is not None:
            self._link.send(packets)


def thing_name(number: int) -> str:
    """Return the name of a device's thing, which is its client id too."""
    return f"drill-{number:06d}"


def payload(number: int) -> bytes:
    """Write a message's number as a device would."""
    return b'{"sequence":%d}' % number


class Outbox:
    """Numbers messages, keeps those that were sent until they are acknowledged, buffers the others.

    The buffer drops its oldest message for a new one when it is full. What was sent waits outside
    it, for a message that is under way cannot be dropped any more. Messages under way are pairs of
    a packet's id and the message's number.
    """

    def __init__(self, buffer: int, sent: Sent) -> None:
        self._sent = sent
        self._size = buffer
        self._under_way: dict[int, int] = {}
        self._waiting: deque[int] = deque()

    def make(self) -> None:
        """Number a new message, which waits in the buffer."""
        self._waiting.append(self._sent.made)
        self._sent.made += 1

    def trim(self) -> None:
        """Drop what the buffer does not hold, as a device that is offline does."""
        while len(self._waiting) > self._size:
            self._sent.dropped += 1
            self._waiting.popleft()

    def send(self) -> list[tuple[int, int]]:
        """Take all that waits, in order; it is under way from now on."""
        taken = [(number % _IDS + 1, number) for number in self._waiting]
        self._waiting.clear()
        self._under_way.update(taken)
        return taken

    def under_way(self) -> list[tuple[int, int]]:
        """Return what is under way, in order."""
        return list(self._under_way.items())

    def acknowledge(self, id_: int) -> None:
        """Note that a broker has the message of a packet; it may say so more than once."""
        if id_ in self._under_way:
            self._sent.acknowledged.add(self._under_way.pop(id_))
