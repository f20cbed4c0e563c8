"""Starts and stops the parts of a rig."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from environments.settings import Settings
from functions.contract import WatcherVariable
from iot_dr.drill.fleet.consumer import MessageLedger, RegionConsumer
from iot_dr.drill.fleet.fleet import Fleet
from iot_dr.drill.fleet.fleet_config import FleetConfig
from iot_dr.drill.fleet.topics import THING_NAMES
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import Options, SwitchPut
from iot_dr.drill.rig.addresses import free_addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.dns_server import DnsServer, serve_dns
from iot_dr.drill.rig.dns.probe import HealthCheckProber
from iot_dr.drill.rig.dns.route53 import Route53
from iot_dr.drill.rig.gathering import together
from iot_dr.drill.rig.lag import EventLoopLag
from iot_dr.drill.rig.lifetime import Lifetime
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.aws_api import record_history
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.cloud import Cloud
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.region.device_gateway import GatewayState
from iot_dr.drill.rig.region.region_config import TimeConfig
from iot_dr.drill.rig.region.region_server import RegionServer, WatcherServer
from iot_dr.drill.rig.region.relay import Relay
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import Lambda, RegionSite, World
from iot_dr.observe.switch.metric import Action
from iot_dr.route53.check import HealthCheck

_SCRATCH: Final = "iot-dr-drill-"
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RigSpecification:
    """Specification of a rig: an environment's settings and world, and the drill's options.

    `connect_rate` is how many devices start to connect per second of real time; `has_relays` puts
    a relay, which can be slowed down, before each broker.
    """

    settings: Settings
    world: World
    options: Options
    connect_rate: float
    has_relays: bool


@asynccontextmanager
async def running_rig(specification: RigSpecification, recorder: Recorder) -> AsyncGenerator[Rig]:
    """Start the parts of a rig; stop them at the end, also if one fails to start and raises.

    In this order: relays, brokers, HTTPS servers with their functions, CloudWatch, watcher, DNS,
    Route 53, consumers and devices.
    """
    async with AsyncExitStack() as stack:
        yield await _Builder(specification, recorder, Lifetime(stack)).rig()


class _Builder:
    """Starts the parts of a rig."""

    def __init__(
        self, specification: RigSpecification, recorder: Recorder, lifetime: Lifetime
    ) -> None:
        self._specification, self._recorder, self._lifetime = specification, recorder, lifetime
        self._world, self._options = specification.world, specification.options
        self._clock = RigClock(self._options.speed)
        self._addresses = free_addresses([site.region for site in self._world.sites])
        scratch = lifetime.stack.enter_context(TemporaryDirectory(prefix=_SCRATCH))
        self._authority = Authority(Path(scratch) / "authority")
        wildcard = f"*.{self._world.device_name.partition('.')[2]}"
        self._valid = self._authority.server(wildcard)
        self._expired = self._authority.server(wildcard, is_expired=True)
        self._cloud = Cloud.of(self._world, self._addresses, self._clock, self._authority.roots)
        self._ledger = MessageLedger()
        self._decision: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._dns: DnsServer | None = None

    async def rig(self) -> Rig:
        """Start all parts."""
        regions = [site.region for site in self._world.sites]
        relays = {
            region: await self._relay(region)
            for region in regions
            if self._specification.has_relays
        }
        # Their processes take most of a second to start.
        brokers = await together(map(self._broker, self._world.sites))
        servers = await together(map(self._server, regions))
        route53 = self._route53()
        cloudwatch = await self._cloudwatch(route53)
        self._dns = dns = await self._serve_dns(route53)
        self._lifetime.run("Route 53", route53.run())
        consumers = [await self._consumer(region) for region in regions]
        fleet = await self._fleet()
        failed = asyncio.get_running_loop().create_future()
        return Rig(
            world=self._world,
            clock=self._clock,
            addresses=self._addresses,
            valid=self._valid,
            expired=self._expired,
            brokers=dict(zip(regions, brokers, strict=True)),
            servers=dict(zip(regions, servers, strict=True)),
            relays=relays,
            route53=route53,
            dns=dns,
            cloudwatch=cloudwatch,
            consumers=consumers,
            ledger=self._ledger,
            fleet=fleet,
            decision=self._decision,
            deaths=[*self._lifetime.deaths, failed],
            failed=failed,
            on_answer=self._answered,
            on_switch=self._switched,
            on_failure=lambda region: self._recorder.failed(self._clock.now(), region),
            lag=EventLoopLag(self._clock),
        )

    async def _relay(self, region: str) -> Relay:
        host = self._addresses.hosts[region]
        relay = Relay(self._clock, (host, self._addresses.mqtt), (host, self._addresses.behind))
        await relay.start()
        self._lifetime.stack.push_async_callback(relay.stop)
        return relay

    async def _broker(self, site: RegionSite) -> Broker:
        addresses = self._addresses
        if self._specification.has_relays:
            addresses = replace(addresses, mqtt=addresses.behind)
        return await self._lifetime.start(
            Broker(
                site.region,
                addresses,
                self._authority.roots,
                self._access(site),
                account_id=self._specification.settings.account_id,
                things=THING_NAMES,
            )
        )

    def _access(self, site: RegionSite) -> GatewayState:
        """Return what a region presents to its devices, and permits them.

        assumed: a certificate that is not registered passes TLS, and has no policy.
        """
        certificates = {
            name: self._authority.server(*names) for name, names in site.certificates.items()
        }
        own = self._authority.server(f"*.iot.{site.region}.amazonaws.com")
        policies = site.policies if site.knows_devices else ()
        return GatewayState(certificates=certificates, own=own, policies=policies)

    async def _server(self, region: str) -> RegionServer:
        api = self._valid
        if region in self._cloud.apis:
            api = self._authority.server(self._cloud.apis[region].host)
        return await self._lifetime.start(RegionServer(self._cloud, region, self._valid, api))

    def _route53(self) -> Route53:
        clock, recorder, prober = self._clock, self._recorder, HealthCheckProber(self._cloud)

        async def probe(check: HealthCheck) -> bool:
            return recorder.probed(check.id, is_well=await prober.probe(check))

        route53 = Route53(
            self._world,
            clock,
            probe,
            self._options.seed,
            on_health=lambda id_, healthy: recorder.health(clock.now(), id_, is_healthy=healthy),
            on_answer=self._answered,
        )
        self._answered(route53.region)
        return route53

    def _answered(self, region: str) -> None:
        """Record the region that DNS answers from now on, unless the name server is frozen."""
        if self._dns is None or not self._dns.is_frozen:
            self._recorder.answers(self._clock.now(), region)

    async def _cloudwatch(self, route53: Route53) -> CloudWatch:
        """Start CloudWatch and the watcher, which puts its metrics there."""
        cloudwatch = CloudWatch(
            self._specification.settings,
            self._world.alarms,
            self._clock,
            self._addresses.dns,
            route53.set_alarm,
            roles=self._cloud.roles,
        )
        await cloudwatch.start()
        self._lifetime.stack.push_async_callback(cloudwatch.stop)
        self._lifetime.run("CloudWatch", cloudwatch.run())
        decisions = WatcherDecisions(self._world, cloudwatch, self._recorder, self._decision)
        for function in self._world.watchers:
            record_history(self._world.environment, function.variables)
            if not function.is_invoked:
                continue
            seed = f"{self._options.seed} watcher {function.region}"
            phase = Random(seed).uniform(0, _MINUTE)  # noqa: S311 - no secret
            decided = partial(decisions.take, function)
            await self._lifetime.start(
                WatcherServer(self._cloud, function, cloudwatch.endpoint, decided, phase)
            )
        return cloudwatch

    async def _serve_dns(self, route53: Route53) -> DnsServer:
        return await self._lifetime.stack.enter_async_context(
            serve_dns(
                self._world,
                self._addresses.hosts,
                lambda: route53.choices,
                (self._addresses.dns, self._addresses.domain),
            )
        )

    def _switched(self, region: str, action: Action) -> None:
        put = SwitchPut(at=self._clock.now(), by="operator", region=region, action=action)
        self._recorder.switch_put(put)

    async def _consumer(self, region: str) -> RegionConsumer:
        consumer = await self._lifetime.stack.enter_async_context(
            RegionConsumer(region, self._addresses, self._world.environment, self._ledger)
        )
        await consumer.subscribed()
        return consumer

    async def _fleet(self) -> Fleet:
        options, clock = self._options, self._clock
        config = FleetConfig(
            time=TimeConfig(speed=clock.speed, origin=clock.origin),
            habits=options.habits,
            addresses=self._addresses,
            environment=self._world.environment,
            name=self._world.device_name,
            roots=self._authority.roots,
            certificate=self._authority.client("drill"),
            devices=options.devices,
            seed=options.seed,
            connect_rate=self._specification.connect_rate,
            shared_caches=options.shared_caches,
        )
        return await self._lifetime.start(Fleet(config))


class WatcherDecisions:
    """Records the decisions of a world's watchers; `first` gets that of the primary's watcher."""

    def __init__(
        self, world: World, cloudwatch: CloudWatch, recorder: Recorder, first: asyncio.Future[str]
    ) -> None:
        self._world, self._cloudwatch, self._recorder = world, cloudwatch, recorder
        self._first = first
        self._unregistered: dict[str, str] = {}

    def take(self, watcher: Lambda, at: float, decision: str, cause: str) -> None:
        """Record a decision, or that a register was not written, as `OnDecision` has it."""
        watched = watcher.variables.get(WatcherVariable.PRIMARY, "")
        if decision == "unregistered":
            self._unregistered[watcher.region] = cause
            return
        problem = self._unregistered.pop(watcher.region, "")
        if not self._first.done() and watched == self._world.primary.region:
            self._first.set_result(decision)
        if decision == "latched":
            for region in watcher.variables.get(WatcherVariable.AWAY, watched).split(","):
                # The watcher does not put an earlier switch that is away.
                is_away = self._cloudwatch.is_in_alarm(self._world.switches(region))
                if region == watched or not is_away:
                    put = SwitchPut(
                        at=at, by="watcher", region=region, action="away", unregistered=problem
                    )
                    self._recorder.switch_put(put)
        elif decision != "well":
            text = f"the watcher of {watched}: {decision}{cause and f' ({cause})'}"
            self._recorder.event(at, "switch", text)
