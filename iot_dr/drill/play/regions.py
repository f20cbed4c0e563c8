"""A region during an outage of the drill: what its parts do, without sockets and processes."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal

from iot_dr.route53.check import HealthCheck

Connect = Literal["accepted", "refused", "failed", "silent"]

KEEP_ALIVE: Final = 40.0
"""Seconds until a device notices that its link is dead."""
_CANARY_LIMIT: Final = 2.0
ROUND_TRIPS: Final = 2
"""Of a TLS handshake."""


@dataclass(slots=True)
class MetricValues:
    """Values by region and metric, then by minute of the virtual clock."""

    values: dict[tuple[str, str], dict[int, float]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], dict[int, float]](
            lambda: defaultdict[int, float](float)
        )
    )

    def add(self, region: str, metric: str, count: float = 1) -> None:
        """Count an event of now."""
        minute = int(asyncio.get_running_loop().time() // 60)
        self.values[region, metric][minute] += count


@dataclass(eq=False)
class PlayedRegion:
    """The state of a region's broker, HTTPS server and relay, which outages change.

    It takes the places of `Broker`, `RegionServer` and `Relay` in a rig: it has the methods of
    theirs that outages call. `refused` and `failing` are shares of devices and of connects,
    `dead_addresses` is of two.
    """

    name: str
    metrics: MetricValues
    devices: int
    is_up: bool = True
    is_frozen: bool = False
    is_dropped: bool = False
    has_canary: bool = True
    is_expired: bool = False
    refuses_canary: bool = False
    refused: float = 0.0
    failing: float = 0.0
    latency: float = 0.0
    rate: float | None = None
    dead_addresses: int = 0
    links: dict[int, asyncio.Future[None]] = field(default_factory=dict[int, asyncio.Future[None]])

    @property
    def is_silent(self) -> bool:
        """Whether nothing answers, and links notice it late."""
        return self.is_frozen or self.is_dropped

    @property
    def works(self) -> bool:
        """Whether it serves every device."""
        is_well = self.is_up and not (self.is_silent or self.is_expired)
        hurts = self.refused or self.failing or self.latency or self.dead_addresses
        return is_well and not hurts

    def probe(self, check: HealthCheck) -> bool:
        """Return whether a probe of Route 53 succeeds; the kernel accepts for a frozen process."""
        if not self.is_up or self.is_dropped:
            return False
        if check.type == "TCP":
            return True
        is_slow = ROUND_TRIPS * self.latency > _CANARY_LIMIT
        broken = self.is_frozen or self.is_expired or self.refuses_canary or is_slow
        return self.has_canary and not broken

    def failure(self, check: HealthCheck) -> str:
        """Return what a failing checker reports."""
        if check.type == "TCP" or not self.is_up or self.is_silent:
            return (
                "Failure: The health checker could not establish a connection within the timeout"
                " limit."
            )
        return "Failure: HTTP Status Code 503, Service Unavailable. Resolved IP: 192.0.2.7"

    def connect(self, device: int, random: Random) -> Connect:
        """Return the outcome of a connect, and count what AWS IoT counts."""
        dead = self.dead_addresses and random.random() < self.dead_addresses / 2
        if not self.is_up or self.is_silent or self.is_expired or dead:
            return "silent"
        if device < self.refused * self.devices:
            self.metrics.add(self.name, "Connect.AuthError")
            return "refused"
        if random.random() < self.failing:
            self.metrics.add(self.name, "Connect.ServerError")
            return "failed"
        self.metrics.add(self.name, "Connect.Success")
        return "accepted"

    def close_link(self, device: int) -> None:
        """End a device's link, if it has one."""
        link = self.links.get(device)
        if link is not None and not link.done():
            link.set_result(None)

    def close(self, share: float = 1.0) -> None:
        """End the links of the first devices."""
        for device, link in [*self.links.items()]:
            if device < share * self.devices and not link.done():
                link.set_result(None)

    async def kill(self) -> None:
        """Stop every process."""
        self.is_up = False
        self.close()

    async def start(self) -> None:
        """Start every process."""
        self.is_up = True

    def refuse(self, share: float) -> None:
        """Refuse the first devices, and end their links."""
        self.refused = share
        self.close(share)

    async def refuse_all(self) -> None:
        """Refuse every device."""
        self.refuse(1.0)

    async def accept_all(self) -> None:
        """Accept every device."""
        self.refused = 0.0

    async def present(self, identity: str) -> None:
        """Restart with a certificate."""
        self.is_expired = identity == "expired"
        self.close()

    async def present_own(self) -> None:
        """Restart with the region's own certificate."""
        await self.present("valid")

    def freeze(self) -> None:
        """Suspend every process, so that nothing answers."""
        self.is_frozen = True
        self._close_later()

    async def resume(self) -> None:
        """Resume every process after `freeze`."""
        self.is_frozen = False

    def drop(self) -> None:
        """Drop all packets."""
        self.is_dropped = True
        self._close_later()

    def _close_later(self) -> None:
        def close() -> None:
            if self.is_silent:
                self.close()

        asyncio.get_running_loop().call_later(KEEP_ALIVE, close)


@dataclass(eq=False)
class Server:
    """The HTTPS server of a region, as outages use it."""

    region: PlayedRegion

    async def kill(self) -> None:
        """Stop every process, with the broker's."""
        await self.region.kill()

    async def start(self) -> None:
        """Start every process, with the broker's."""
        await self.region.start()

    async def refuse_all(self) -> None:
        """Refuse the connections of the canary alone."""
        self.region.refuses_canary = True

    async def accept_all(self) -> None:
        """Accept the connections of the canary again."""
        self.region.refuses_canary = False

    async def fail_canary(self) -> None:
        """Break the canary."""
        self.region.has_canary = False

    async def restore_canary(self) -> None:
        """Repair the canary."""
        self.region.has_canary = True

    async def put_certificate(self, identity: str) -> None:
        """Present a certificate, which the broker presents too."""

    async def slow(self, latency: float) -> None:
        """Delay each packet by so many seconds."""
        self.region.latency = latency

    def freeze(self) -> None:
        """Do nothing: the broker suspends every process of the region."""

    def resume(self) -> None:
        """Do nothing: the broker resumes every process of the region."""
