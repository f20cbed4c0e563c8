"""The drill's rig on a virtual clock: its Route 53 and its outages are the real ones."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.rig.dns.route53 import Route53, Votes, checker_region
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import EVALUATION_DELAY
from iot_dr.observe.switch.metric import Action
from iot_dr.route53.check import AlarmState, HealthCheck
from modules.function_limits import CHECKERS
from tests.support.drill_rig import rig_of
from tests.support.outage.regions import Metrics, Region, Server
from tests.support.virtual_time import VirtualClock, in_virtual_time

DEVICES = 150
_CHURN = 20 * 60.0
_WATCH = 60.0
_MESSAGES_EACH = 10.0

PARTIAL: Mapping[str, Callable[["Platform", Region], None]] = {
    "errors": lambda _, region: setattr(region, "failing", 0.2),
    "half-refused": lambda _, region: region.refuse(0.5),
    "one-address": lambda _, region: setattr(region, "dead_addresses", 1),
    "slow-tls": lambda _, region: setattr(region, "latency", 0.7),
    "us-east-1": lambda platform, _: platform.lost_apis.update({"us-east-1": "hang"}),
}
"""Outages in part, and the loss of Route 53's API."""

_API_LOST = ("kill", "hour", "stale-dns", "freeze", "drop", "both", "second-failure", "lost-keeper")


@dataclass(eq=False)
class CloudWatch:
    """The switches' alarms, as outages and Route 53 use them."""

    platform: "Platform"
    states: dict[str, AlarmState]
    is_stopped: bool = False

    async def stop(self) -> None:
        """Refuse every call."""
        self.is_stopped = True

    async def start(self) -> None:
        """Answer calls."""
        self.is_stopped = False

    def is_in_alarm(self, alarms: Any) -> bool:
        """Whether any of these alarms is in ALARM."""
        return any(self.states[each.id] == "ALARM" for each in alarms)

    async def put(self, alarm_id: str, action: Action) -> None:
        """Put a switch's metric: its alarm follows after the minute."""
        state: AlarmState = "ALARM" if action == "away" else "OK"
        loop = asyncio.get_running_loop()
        loop.call_later(60 - loop.time() % 60 + EVALUATION_DELAY, self._set, alarm_id, state)

    def _set(self, alarm_id: str, state: AlarmState) -> None:
        self.states[alarm_id] = state
        self.platform.route53.set_alarm(alarm_id, state)


@dataclass(eq=False)
class Dns:
    """The zone's name servers, which a drill can freeze."""

    frozen: str | None = None
    platform: Any = None

    def freeze(self) -> None:
        """Answer as now."""
        self.frozen = self.platform.route53.region

    def thaw(self) -> None:
        """Answer by Route 53's current records."""
        self.frozen = None


@dataclass(eq=False)
class Platform:
    """An environment on a virtual clock, with a fleet, until a moment of an outage.

    After `at`, it holds what AWS would report. `lost_apis` are the regions whose APIs fail, and
    how. Everything random follows from the seed.
    """

    world: World
    outage: str
    seed: int
    lost_apis: dict[str, str] = field(default_factory=dict[str, str])
    metrics: Metrics = field(default_factory=Metrics)
    votes: dict[str, Votes] = field(default_factory=dict[str, Votes])
    checks: dict[str, HealthCheck] = field(default_factory=dict[str, HealthCheck])
    health: dict[str, list[tuple[float, bool]]] = field(
        default_factory=dict[str, list[tuple[float, bool]]]
    )
    answers: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    now: float = 0.0

    def at(self, seconds: float) -> "Platform":
        """Run until so many seconds after the outage has begun."""
        in_virtual_time(self._run([seconds], lambda: None))
        return self

    def operated(self, moments: Iterable[float], operator: Callable[["Platform"], None]) -> None:
        """Run to the last of the moments, at each of which an operator looks and may act.

        If every region fails, they are back after half of the time.
        """
        in_virtual_time(self._run([*moments], lambda: operator(self)))

    def put(self, keeper: str, region: str, action: Action) -> None:
        """Put the metric of a switch in a keeper, as `iot-dr switch` does."""
        for alarm in self.world.switches(region):
            if alarm.region == keeper:
                self.rig.run_in_background(self.cloudwatch.put(alarm.id, action))

    async def _run(self, moments: list[float], look: Callable[[], None]) -> None:
        self.random = Random(f"{self.outage} {self.seed}")  # noqa: S311 - no secret
        self.regions = {
            site.region: Region(site.region, self.metrics, DEVICES) for site in self.world.sites
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
        self.cloudwatch = CloudWatch(self, dict.fromkeys(self.world.alarms, "OK"))
        self.dns = Dns(platform=self)
        self.rig = self._rig()
        tasks = [asyncio.ensure_future(each) for each in self._tasks()]
        await self.clock.sleep(60 + self.random.uniform(0, 60))
        await self._begin()
        began = self.clock.now()
        for moment in moments:
            if self.outage == "both" and moment > moments[0] and moment > moments[-1] / 2:
                await OUTAGES[self.outage].end(self.rig, self.world.primary.region)
                self.lost_apis.clear()
            await self.clock.sleep(began + moment - self.clock.now())
            self.now = self.clock.now()
            look()
        await self.rig.cancel_background()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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

    def _tasks(self) -> list[Awaitable[None]]:
        works: list[Awaitable[None]] = [self.route53.run(), self._messages()]
        works += [self._device(number) for number in range(DEVICES)]
        used = self.route53._votes  # noqa: SLF001 - Route 53 reports them, the rig does not
        by_kind = {(each.region, each.type): each for each in self.world.checks.values()}
        tcp = next(each for each in by_kind.values() if each.type == "TCP")
        deep = next(each for each in by_kind.values() if each.type == "HTTPS")
        for region in self.regions:
            for kind, model in (("deep", deep), ("tcp", tcp)):
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
            how = self.random.choice(["hang", "500", "refuse", None])
            lost = [name for name, each in self.regions.items() if not each.is_up or each.is_silent]
            if how:
                self.lost_apis.update(dict.fromkeys(lost, how))
        if self.outage == "control-plane":
            self.lost_apis.update(dict.fromkeys([*self.regions, "us-east-1"], "refuse"))

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

    async def _watch(self, keeper: str, place: int) -> None:
        """Latch a region that fails, in the watcher's own region."""
        watched = self.world.sites[place].region
        await self.clock.sleep(self.random.uniform(0, _WATCH))
        while True:
            can = self.regions[keeper].is_up and not self.cloudwatch.is_stopped
            kind = "deep" if place == 0 else "tcp"
            if can and not self.votes[f"{kind} {watched}"].is_healthy:
                for alarm in self.world.switches(watched):
                    if alarm.region == keeper and self.cloudwatch.states[alarm.id] != "ALARM":
                        await self.cloudwatch.put(alarm.id, "away")
            await self.clock.sleep(_WATCH)

    async def _messages(self) -> None:
        while True:
            await self.clock.sleep(_MESSAGES_EACH)
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
                link = region.links[number] = loop.create_future()
                with suppress(TimeoutError):
                    async with asyncio.timeout(random.expovariate(1 / _CHURN)):
                        await link
                region.links.pop(number, None)
                backoff = 1.0
            await self.clock.sleep(random.uniform(0, backoff))
            backoff = min(2 * backoff, 30.0)

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
