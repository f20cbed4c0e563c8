"""An environment without processes: the drill's Route 53, checks and outages, and model devices."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.play.control_plane import Dns, SwitchAlarms
from iot_dr.drill.play.faults import Failing
from iot_dr.drill.play.partial_outages import PARTIAL
from iot_dr.drill.play.partial_rig import rig_of
from iot_dr.drill.play.regions import MetricValues, PlayedRegion, Server
from iot_dr.drill.play.world_time import VirtualClock
from iot_dr.drill.rig.dns.route53 import Route53, Votes, checker_region
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from iot_dr.observe.switch.metric import Action
from iot_dr.route53.check import HealthCheck
from modules.function_limits import CHECKERS
from modules.global_region import GLOBAL_REGION

DEVICES: Final = 150
"""Devices of the fleet."""

_CHURN: Final = 20 * 60.0
_WATCH: Final = 60.0
_HABITS: Final = Habits()

_API_LOST = ("kill", "hour", "stale-dns", "freeze", "drop", "both", "second-failure", "lost-keeper")


@dataclass(eq=False)
class Platform:
    """An environment in its loop's time, with a fleet, and an outage of its primary.

    `lost_apis` are the regions whose APIs fail, and how. Everything random follows from outage and
    seed. The outage begins at a time between the two of `quiet`, in seconds; if it is one of every
    region, they are back `lasts` seconds later. `began` is its time, None before it.
    """

    world: World
    outage: str
    seed: int
    quiet: tuple[float, float] = (60.0, 120.0)
    lasts: float = float("inf")
    lost_apis: dict[str, Failing] = field(default_factory=dict[str, Failing])
    metrics: MetricValues = field(default_factory=MetricValues)
    votes: dict[str, Votes] = field(default_factory=dict[str, Votes])
    checks: dict[str, HealthCheck] = field(default_factory=dict[str, HealthCheck])
    health: dict[str, list[tuple[float, bool]]] = field(
        default_factory=dict[str, list[tuple[float, bool]]]
    )
    answers: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    now: float = 0.0
    began: float | None = None
    dropped: int = 0
    _offline: dict[int, float] = field(default_factory=dict[int, float])

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run all parts, healthy at first, for a `with` block."""
        self.random = Random(f"{self.outage} {self.seed}")  # noqa: S311 - no secret
        # Before the parts draw from it in the order in which their tasks start.
        self._quiet_for = self.random.uniform(*self.quiet)
        self.regions = {
            site.region: PlayedRegion(site.region, self.metrics, DEVICES)
            for site in self.world.sites
        }
        self.clock = VirtualClock()
        self.route53 = Route53(
            self.world,
            self.clock,
            self._probe,
            self.seed,
            on_health=self._health_changed,
            on_answer=self._answered,
        )
        self.answers.append((0.0, self.route53.region))
        self.cloudwatch = SwitchAlarms(self.route53, dict.fromkeys(self.world.alarms, "OK"))
        self.dns = Dns(self.route53)
        self.rig = self._rig()
        tasks = [asyncio.ensure_future(each) for each in self._tasks()]
        try:
            yield
        finally:
            await self.rig.cancel_background()
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def run(self, moments: Sequence[float], look: Callable[[], None]) -> None:
        """Run to the last of the moments, in seconds of the outage, and look at each of them."""
        async with self.running():
            await self.break_region()
            for moment in moments:
                await self.clock.sleep((self.began or 0) + moment - self.clock.now())
                self.now = self.clock.now()
                look()

    async def break_region(self) -> None:
        """Wait for the time of the outage, and begin it."""
        await self.clock.sleep(self._quiet_for - self.clock.now())
        await self._begin()
        self.began = self.clock.now()
        if self.outage == "both":
            self.rig.run_in_background(self._restore())

    async def _restore(self) -> None:
        await self.clock.sleep(self.lasts)
        await OUTAGES[self.outage].end(self.rig, self.world.primary.region)
        self.lost_apis.clear()

    def put(self, alarm_region: str, region: str, action: Action) -> None:
        """Put the metric of a switch in one region of its alarms, as `iot-dr switch` does."""
        for alarm in self.world.switches(region):
            if alarm.region == alarm_region:
                self.rig.run_in_background(self.cloudwatch.put(alarm.id, action))

    def answered(self, at: float = float("inf")) -> str:
        """Return the region that the zone's name servers answered at a time, or answer now."""
        return self.dns.frozen or [name for since, name in self.answers if since <= max(at, 0)][-1]

    @property
    def messages_dropped(self) -> int:
        """How many messages did not fit in the buffers of devices without a link."""
        waiting = sum(_dropped(self.now - since) for since in self._offline.values())
        return self.dropped + waiting

    def _rig(self) -> Rig:
        return rig_of(
            world=self.world,
            clock=self.clock,
            valid="valid",
            expired="expired",
            brokers=self.regions,
            servers={name: Server(region) for name, region in self.regions.items()},
            relays=self.regions,
            route53=self.route53,
            dns=self.dns,
            cloudwatch=self.cloudwatch,
            fleet=self,
            failed=asyncio.get_running_loop().create_future(),
            on_answer=self._answered,
            on_switch=_ignore,
            on_failure=_ignore,
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many devices are connected, by region; the fleet's."""
        return {name: len(region.links) for name, region in self.regions.items()}

    def _tasks(self) -> list[Coroutine[Any, Any, None]]:
        works = [self.route53.run(), self._messages()]
        works += [self._device(number) for number in range(DEVICES)]
        used = self.route53._votes  # noqa: SLF001 - Route 53 reports them, the rig does not
        by_kind = {(each.region, each.type): each for each in self.world.checks.values()}
        models = {each.type: each for each in by_kind.values()}
        for region in self.regions:
            for kind, type_ in (("deep", "HTTPS"), ("tcp", "TCP")):
                if (model := models.get(type_)) is None:
                    continue
                id_ = f"{kind} {region}"
                declared = by_kind.get((region, model.type))
                self.checks[id_] = declared or replace(model, id=id_, region=region)
                self.health[self.checks[id_].id] = [(-1e9, True)]
                if declared and declared.id in used:
                    self.votes[id_] = used[declared.id]
                else:
                    self.votes[id_] = votes = Votes(model.threshold)
                    works += [
                        self._check(self.checks[id_], votes, each) for each in range(CHECKERS)
                    ]
        works += [
            self._watch(watcher.region, place) for place, watcher in enumerate(self.world.watchers)
        ]
        return works

    async def _begin(self) -> None:
        region = self.regions[self.world.primary.region]
        if self.outage == "drop":
            region.drop()
        elif self.outage in PARTIAL:
            PARTIAL[self.outage](self, region)
        else:
            await OUTAGES[self.outage].begin(self.rig, region.name)
        if self.outage in _API_LOST:
            how: Failing | None = self.random.choice(["hang", "500", "refuse", None])
            lost = [name for name, each in self.regions.items() if not each.is_up or each.is_silent]
            if how:
                self.lost_apis.update(dict.fromkeys(lost, how))
        if self.outage == "control-plane":
            refusing: Failing = "refuse"
            self.lost_apis.update(dict.fromkeys((*self.regions, GLOBAL_REGION), refusing))

    async def _probe(self, check: HealthCheck) -> bool:
        return self.regions[check.region or ""].probe(check)

    def _answered(self, region: str) -> None:
        self.answers.append((self.clock.now(), region))

    def _health_changed(self, id_: str, healthy: bool) -> None:
        if id_ in self.health:
            self.health[id_].append((self.clock.now(), healthy))

    async def _check(self, check: HealthCheck, votes: Votes, checker: int) -> None:
        phase = Random(f"{self.seed} {check.id} {checker}").uniform(0, check.interval)  # noqa: S311 - no secret
        await self.clock.sleep(phase)
        while True:
            before = votes.is_healthy
            votes.observe(checker, is_well=await self._probe(check))
            if votes.is_healthy is not before:
                self._health_changed(check.id, votes.is_healthy)
            await self.clock.sleep(check.interval)

    async def _watch(self, alarm_region: str, place: int) -> None:
        """Switch a region that fails away, in the region of the watcher and the alarm."""
        watched = self.world.sites[place].region
        await self.clock.sleep(self.random.uniform(0, _WATCH))
        while True:
            can = self.regions[alarm_region].is_up and not self.cloudwatch.is_stopped
            if can and not self.votes[self.watched_check(place)].is_healthy:
                for alarm in self.world.switches(watched):
                    is_off = self.cloudwatch.states[alarm.id] != "ALARM"
                    if is_off and alarm.region == alarm_region:
                        await self.cloudwatch.put(alarm.id, "away")
            await self.clock.sleep(_WATCH)

    async def _messages(self) -> None:
        while True:
            await self.clock.sleep(_HABITS.period)
            for name, region in self.regions.items():
                if region.is_up and not region.is_silent:
                    self.metrics.add(name, "PublishIn.Success", len(region.links))
                    self.metrics.add(name, "Ping.Success", len(region.links) / 3)

    async def _device(self, number: int) -> None:
        random = Random(f"{self.seed} device {number}")  # noqa: S311 - no secret
        loop, backoff, until, name = asyncio.get_running_loop(), 1.0, 0.0, ""
        is_first = True
        while True:
            if self.clock.now() >= until:
                name = self.dns.frozen or self.route53.region
                until = self.clock.now() + self.world.ttl
            region = self.regions[name]
            if is_first or region.connect(number, random) == "accepted":
                is_first = False
                self._connected(number)
                link = region.links[number] = loop.create_future()
                with suppress(TimeoutError):
                    async with asyncio.timeout(random.expovariate(1 / _CHURN)):
                        await link
                region.links.pop(number, None)
                self._offline[number] = self.clock.now()
                backoff = 1.0
            await self.clock.sleep(random.uniform(0, backoff))
            backoff = min(2 * backoff, 30.0)

    def _connected(self, number: int) -> None:
        if (since := self._offline.pop(number, None)) is not None:
            self.dropped += _dropped(self.clock.now() - since)

    def watched_check(self, place: int) -> str:
        """Return the check of a watcher's region: deep for the primary, where there is one."""
        region = self.world.sites[place].region
        deep = f"deep {region}"
        return deep if place == 0 and deep in self.checks else f"tcp {region}"

    def reports(self, id_: str) -> list[tuple[str, bool]]:
        """Return each checker's region and whether it reports success.

        AWS does not document whether a report is the last probe or the checker's verdict after the
        threshold; the seed decides.
        """
        votes = self.votes[id_]
        says, against = votes._says, votes._against  # noqa: SLF001 - as above
        is_last = bool(self.seed % 2)
        return [
            (checker_region(number), says[number] is not (is_last and against[number] > 0))
            for number in range(CHECKERS)
        ]


def _ignore(*_: object) -> None:
    """Take a report of the rig that nobody reads."""


def _dropped(offline: float) -> int:
    """Return how many messages a device drops that has no link for so many seconds."""
    return max(0, int(offline / _HABITS.period) - _HABITS.buffer)
