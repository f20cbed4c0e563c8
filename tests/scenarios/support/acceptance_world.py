"""A rehearsed acceptance run: the stand-in, a made-up account, the drill's brokers, simulated time.

Terraform is real, its provider is the stand-in, whose states are in a sandbox. moto serves AWS's
APIs. Name servers, TLS and MQTT are real and on loopback. What AWS would do by itself follows the
clock here: alarms follow their metrics, health checks the canary, Route 53 both, the watcher the
canary.
"""

import asyncio
import json
import shlex
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from functions.contract import switch_namespace
from iot_dr.acceptance.command import CommandResult, parse_result
from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.acceptance.fault import POLICY, PublishFault
from iot_dr.acceptance.message import DevicePublisher, Published
from iot_dr.acceptance.tools import RunTools, WallClock
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply, faults_before
from iot_dr.drill.rig.addresses import Addresses, free_addresses
from iot_dr.drill.rig.region.authority import Authority as DeviceAuthority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.device_gateway import GatewayState
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.network import NETWORK, Network
from iot_dr.observe.switch.audit import AuditTrail
from iot_dr.observe.switch.metric import alarm_name, data_point
from modules.device_policy_name import device_policy_name
from stacks.stack_context import stack_context
from tests.iot_dr.acceptance.account import no_join
from tests.support.applied_world import AppliedWorld, apply_world
from tests.support.aws_account import account, lead_to
from tests.support.name_servers import NameServers, name_servers
from tests.support.project import Project
from tests.support.region_health import RegionHealth
from tests.support.shared_clients import share_clients
from tests.support.synthesis import Synthesis
from tests.support.template import Template
from tests.support.tls_names import Authority
from tests.support.within import within

BEGINS: Final = 1_795_860_000.0
_TERRAFORM: Final = {"deploy", "destroy", "plan"}
_ALARM_SECONDS: Final = 60.0
_AGGREGATED: Final = 10.0
_ANYONE: Final = json.dumps({"Version": "2012-10-17", "Statement": []})


@dataclass
class AcceptanceWorld:
    """The environment of a run; `skipped` are the seconds of simulated waits.

    `on_sleep` are called at each wait. The brokers of `strangers` trust no certificate.
    """

    project: Project
    settings: Settings
    stacks: dict[str, Template]
    endpoint: str
    faults: Faults
    names: NameServers
    addresses: Addresses
    authority: Authority
    brokers: dict[str, Broker]
    runner: asyncio.Runner
    skipped: float = 0.0
    strangers: set[str] = field(default_factory=set[str])
    on_sleep: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    commands: list[str] = field(default_factory=list[str])
    world: AppliedWorld | None = None
    _begun: float = field(default_factory=time.monotonic)
    _puts: int = 0
    _due: list[tuple[float, str, bool]] = field(default_factory=list[tuple[float, str, bool]])
    _data_at: dict[str, float] = field(default_factory=dict[str, float])
    _denied: tuple[bool, float] = (False, 0.0)
    _latched: bool = False
    _registered: list[str] = field(default_factory=list[str])

    def tools(self, settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        """Return the tools of a rehearsed run."""
        clients = Clients(None)
        publisher = DevicePublisher(
            settings=settings,
            network=self.network,
            trust=lambda: ssl.create_default_context(cafile=str(self.authority.roots)),
        )

        def publish(device: AcceptanceDevice, payload: bytes) -> Published:
            self.live()
            return publisher(device, payload)

        return RunTools(
            settings=settings,
            command=self.command,
            clients=clients,
            clock=WallClock(self.now, self.sleep),
            publish=publish,
            join=no_join,
            device=AcceptanceDevice(settings=settings, clients=clients, folder=folder / "device"),
            folder=folder,
            show=show,
            backend="A rehearsal: stand-in provider, moto, local brokers, a simulated clock",
        )

    @property
    def network(self) -> Network:
        return Network(
            resolvers=tuple(each.resolver for each in self.names.resolvers),
            authority_port=self.names.own.port,
            tls_port=self.addresses.mqtt,
            trust=self.authority.trust,
        )

    def now(self) -> float:
        return BEGINS + self.skipped + time.monotonic() - self._begun

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds
        self.live()
        for event in [*self.on_sleep]:
            event()

    def command(self, *arguments: str) -> CommandResult:
        """Run a command in this process: one that runs Terraform with the stand-in."""
        self.live()
        words = ["standin" if each == "aws" else each for each in arguments]
        self.commands.append(" ".join(words))
        with within(NETWORK, self.network):
            done = self.project.try_here(shlex.join(["iot-dr", *words, "--json"]))
        if words[0] == "deploy" and not done.returncode and self.world is None:
            self._apply()
        return parse_result(done.returncode, done.stdout, done.stderr)

    def live(self) -> None:
        """Make AWS follow what was done until now."""
        self._serve_registered()
        if self.world is None:
            return
        self._watch(self.world)
        self._follow_switches(self.world)
        self._follow_canary(self.world)

    def note(self, request: ApiRequest) -> Reply | None:
        """Record the certificates registered in regions, for their brokers to trust."""
        is_registered = request.path == "/certificate/register-no-ca"
        if is_registered and request.region not in self.strangers:
            pem = json.loads(request.body)["certificatePem"]
            with self._trusted(request.region).open("a", encoding="utf-8") as file:
                file.write(pem)
            self._registered.append(request.region)
        return None

    def _trusted(self, region: str) -> Path:
        return self.authority.roots.parent / region / "roots.pem"

    def _serve_registered(self) -> None:
        while self._registered:
            broker = self.brokers[self._registered.pop()]
            self.runner.run(broker.kill())
            self.runner.run(broker.start())

    def _apply(self) -> None:
        """Create in the account the resources of the deployed stacks."""
        self.world = apply_world(self.settings, self.stacks, self.endpoint)
        self.faults.answers.append(self.world.answer)
        for region in self.settings.regions:
            self.world.switch(region, "OK")
            client("iot", region, self.endpoint).create_policy(
                policyName=device_policy_name(stack_context(self.settings, region)),
                policyDocument=_ANYONE,
            )
        for role in PublishFault(self.settings, Clients(None)).roles:
            self._iam.create_role(RoleName=role, AssumeRolePolicyDocument=_ANYONE)

    @property
    def _iam(self) -> Any:
        return client("iam", "us-east-1", self.endpoint)

    def _follow_switches(self, world: AppliedWorld) -> None:
        puts = [*self._all_puts()]
        for region, is_away in puts[self._puts :]:
            self._due.append((self.now() + _ALARM_SECONDS, region, is_away))
            self._data_at[region] = self.now()
        self._puts = len(puts)
        for due in [each for each in self._due if each[0] <= self.now()]:
            self._due.remove(due)
            self._put(world, due[1], is_away=due[2])
        for region, at in self._data_at.items():
            if self.now() > at + 5 * _ALARM_SECONDS and not self._keeps_state(region):
                self._put(world, region, is_away=False)

    def _keeps_state(self, region: str) -> bool:
        """Whether the alarm of a switch ignores that data are missing, as the stacks have it."""
        alarms = client("cloudwatch", self.settings.alarm_regions(region)[0], self.endpoint)
        result = alarms.describe_alarms(AlarmNames=[alarm_name(self.settings, region)])
        return result["MetricAlarms"][0]["TreatMissingData"] == "ignore"

    def _put(self, world: AppliedWorld, region: str, *, is_away: bool) -> None:
        world.switch(region, "ALARM" if is_away else "OK")
        route53 = self.names.route53
        route53.away = route53.away | {region} if is_away else route53.away - {region}
        # A record's age follows the clock of the run, not the machine's.
        trail = AuditTrail(self.settings, Clients(None))
        if entry := trail.last(region):
            trail.write(region, entry.model_copy(update={"at": entry.at - timedelta(hours=1)}))

    def _all_puts(self) -> Generator[tuple[str, bool]]:
        for request in self.faults.seen:
            if request.headers.get("X-Amz-Target", "").endswith(".PutMetricData"):
                (point,) = json.loads(request.body)["MetricData"]
                named = {each["Name"]: each["Value"] for each in point["Dimensions"]}
                yield named["Region"], point["Value"] == 1.0

    def _follow_canary(self, world: AppliedWorld) -> None:
        denied, since = self._denied
        if self.now() < since + self._detection + _AGGREGATED:
            return
        health = {self.settings.primary_region: RegionHealth(deep=not denied)}
        world.see(health)
        self.names.route53.health = dict(health)

    def _watch(self, world: AppliedWorld) -> None:
        """Check which roles may publish, and set the switch as the watcher does."""
        roles = PublishFault(self.settings, Clients(None)).roles
        results = [
            POLICY in self._iam.list_role_policies(RoleName=each)["PolicyNames"] for each in roles
        ]
        if any(results) != self._denied[0]:
            self._denied, self._latched = (any(results), self.now()), False
        is_sure = self.now() > self._denied[1] + self._detection
        if results[-1] and len(results) > 1 and is_sure and not self._latched:
            self._latched = True
            primary = world.settings.primary_region
            client("cloudwatch", world.settings.standbys[0], self.faults.endpoint).put_metric_data(
                Namespace=switch_namespace(world.settings.environment),
                MetricData=[data_point(world.settings, primary, "away")],
            )

    @property
    def _detection(self) -> float:
        return self.settings.health.interval * self.settings.health.threshold


@contextmanager
def acceptance_world(folder: Path, patch: pytest.MonkeyPatch) -> Generator[AcceptanceWorld]:
    """Provide a copy of the project's dev with an empty account, for a `with` block."""
    project = Project.copy(folder / "project")
    settings = project.settings
    patch.chdir(project.folder)
    patch.delenv(ROOT_VARIABLE)
    addresses = free_addresses(settings.regions)
    served = folder / "served"
    served.mkdir()
    authority = Authority(served)
    with (
        account(settings.account_id) as endpoint,
        faults_before(endpoint) as faults,
        name_servers(settings, dict(addresses.hosts)) as names,
        asyncio.Runner() as runner,
    ):
        lead_to(faults.endpoint, patch)
        share_clients(patch)
        stack, brokers = AsyncExitStack(), dict[str, Broker]()
        world = AcceptanceWorld(
            project=project,
            settings=settings,
            stacks=dict(Synthesis(folder)(settings)),
            endpoint=endpoint,
            faults=faults,
            names=names,
            addresses=addresses,
            authority=authority,
            brokers=brokers,
            runner=runner,
        )
        faults.answers.append(world.note)
        try:
            runner.run(_start(world, stack))
            yield world
        finally:
            runner.run(stack.aclose())


async def _start(world: AcceptanceWorld, stack: AsyncExitStack) -> None:
    before = {*world.authority.roots.parent.glob("*.pem")}
    wildcard = f"*.{world.settings.zone_name}"
    world.authority.served(wildcard, [wildcard])
    (served,) = {*world.authority.roots.parent.glob("*.pem")} - before
    for region in world.settings.regions:
        # Each region's broker trusts only the certificates that were registered there.
        trusting = DeviceAuthority(world.authority.roots.parent / region).roots
        access = GatewayState.permissive(Identity(served, served))
        broker = Broker(region, world.addresses, trusting, access)
        world.brokers[region] = await stack.enter_async_context(broker)
