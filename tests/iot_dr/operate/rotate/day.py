"""A day on which certificates are rotated, on this machine.

Terraform is real, its provider the stand-in, whose states lie in a sandbox. AWS's APIs are moto;
alarms, DNS and TLS servers follow by a made-up clock: an alarm a minute after its switch was put,
DNS with it, and a region's servers `serves_after` seconds after Terraform made what they serve.
"""

import json
import re
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final

from environments.settings import Settings
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply
from iot_dr.drill.play.tls_name import TlsNames, tls_names
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.audit import AuditTrail
from iot_dr.operate.rotate.rotation_target import RotationTimeouts
from iot_dr.operate.rotate.rotation_terraform import workbench
from modules.stack_names import stack_name
from tests.support.applied_world import AppliedWorld
from tests.support.aws_account import DENIED
from tests.support.name_servers import NameServers, name_servers
from tests.support.tls_names import Authority

_ALARM_SECONDS: Final = 60.0
_CERTIFICATE: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL
)


@dataclass
class Issuer:
    """ACM: gives each ARN a certificate of its own, and the servers what they serve it with."""

    settings: Settings
    authority: Authority
    folder: Path
    refuses: bool = False
    contexts: dict[str, SSLContext] = field(default_factory=dict[str, SSLContext])
    _texts: dict[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def default(self) -> SSLContext:
        """What a server has that serves a region's own names alone."""
        name = "*.iot.example.net"
        return self.authority.served(name, [name])

    def context(self, arn: str) -> SSLContext:
        """Return what a server needs to serve a certificate."""
        if arn not in self.contexts:
            wildcard = f"*.{self.settings.zone_name}"
            before = {*self.folder.glob("*.pem")}
            self.contexts[arn] = self.authority.served(wildcard, [wildcard])
            (file,) = {*self.folder.glob("*.pem")} - before
            (text,) = _CERTIFICATE.findall(file.read_bytes())
            self._texts[arn] = text.decode()
        return self.contexts[arn]

    def answer(self, request: ApiRequest) -> Reply | None:
        """Answer GetCertificate."""
        if not request.headers.get("X-Amz-Target", "").endswith(".GetCertificate"):
            return None
        if self.refuses:
            return DENIED
        arn = json.loads(request.body)["CertificateArn"]
        self.context(arn)
        document = {"Certificate": self._texts[arn]}
        return Reply(200, json.dumps(document).encode(), "application/x-amz-json-1.1")


@dataclass
class Day:
    """The made-up clock, and all that changes with it; `events` are called at each pause.

    `connects` are those that the broker of each region took in the last minutes; None is for one
    that reported nothing for hours.
    """

    settings: Settings
    world: AppliedWorld
    faults: Faults
    names: NameServers
    tls: TlsNames
    authority: Authority
    issuer: Issuer
    folder: Path
    serves_after: float = 4 * 60.0
    interval: float = 60.0
    now: float = 0.0
    workbench: Callable[..., AbstractContextManager[Any]] = workbench
    connects: dict[str, int | None] = field(default_factory=dict[str, int | None])
    events: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    _puts: int = 0
    _due: list[tuple[float, str, bool]] = field(default_factory=list[tuple[float, str, bool]])
    _made: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]])

    @property
    def network(self) -> Network:
        """The network as a status asks it."""
        return Network(
            resolvers=tuple(each.resolver for each in self.names.resolvers),
            authority_port=self.names.own.port,
            tls_port=self.tls.port,
            trust=self.authority.trust,
        )

    @property
    def waits(self) -> RotationTimeouts:
        """The patience of a rotation, by the made-up clock."""
        return RotationTimeouts(clock=lambda: self.now, pause=self.pause, interval=self.interval)

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.live()
        for event in [*self.events]:
            event()

    def live(self) -> None:
        """Let alarms, DNS and servers follow what was done until now."""
        for region, is_away in self._new_puts():
            self._due.append((self.now + _ALARM_SECONDS, region, is_away))
        for due in [each for each in self._due if each[0] <= self.now]:
            self._due.remove(due)
            self.follow(due[1], is_away=due[2])
        for region in self.settings.regions:
            self._serve(region)

    def follow(self, region: str, *, is_away: bool) -> None:
        """Let the alarm of a region's switch and DNS follow at once, and its record grow old."""
        self.world.switch(region, "ALARM" if is_away else "OK")
        trail = self._trail
        if entry := trail.last(region):
            trail.write(region, entry.model_copy(update={"at": entry.at - timedelta(hours=1)}))
        names = self.names.route53
        names.away = names.away | {region} if is_away else names.away - {region}

    @cached_property
    def _trail(self) -> AuditTrail:
        return AuditTrail(self.settings, Clients(None))

    def certificate(self, region: str) -> str | None:
        """Return the ARN of the certificate of a region, by the states in the sandbox."""
        is_home = region == self.settings.home_region
        environment = self.settings.environment
        stack = (
            stack_name(environment, "hosted-zone")
            if is_home
            else stack_name(environment, "iot", region)
        )
        result = self._resources(stack, "aws_acm_certificate")
        return result[0]["arn"] if result else None

    def serving(self, region: str) -> list[str]:
        """Return the ARNs of the certificates of a region's domain configurations."""
        stack = stack_name(self.settings.environment, "iot", region)
        result = self._resources(stack, "aws_iot_domain_configuration")
        return [each["server_certificate_arns"][0] for each in result]

    def records(self, region: str) -> list[dict[str, Any]]:
        """Return all that was kept of the rotations of a region."""
        parameters = client("ssm", self.settings.alarm_regions(region)[0], self.world.endpoint)
        name = f"/iot-dr/{self.settings.project}/{self.settings.environment}/rotation/{region}"
        try:
            history = parameters.get_parameter_history(Name=name)["Parameters"]
        except parameters.exceptions.ParameterNotFound:
            return []
        return [json.loads(each["Value"]) for each in history]

    def puts(self) -> list[tuple[str, bool]]:
        """Return the switches that were put, the first one first: the region, whether away."""
        results: list[tuple[str, bool]] = []
        for request in self.faults.seen:
            if request.headers.get("X-Amz-Target", "").endswith(".PutMetricData"):
                (point,) = json.loads(request.body)["MetricData"]
                named = {each["Name"]: each["Value"] for each in point["Dimensions"]}
                results.append((named["Region"], point["Value"] == 1.0))
        return results

    def answer(self, request: ApiRequest) -> Reply | None:
        """Answer GetMetricStatistics for the message broker's metrics."""
        if not request.headers.get("X-Amz-Target", "").endswith(".GetMetricStatistics"):
            return None
        now, count = time.time(), self.connects.get(request.region, 0)
        points = [{"Timestamp": now - 3600, "Sum": 7, "Unit": "Count"}] if count is not None else []
        if count:
            points.append({"Timestamp": now, "Sum": count, "Unit": "Count"})
        document = {"Label": "Connect.Success", "Datapoints": points}
        return Reply(200, json.dumps(document).encode(), "application/x-amz-json-1.0")

    def _new_puts(self) -> list[tuple[str, bool]]:
        puts = self.puts()
        new, self._puts = puts[self._puts :], len(puts)
        return new

    def _serve(self, region: str) -> None:
        arns, server = self.serving(region), self.tls.regions[region]
        if len(arns) != 2:
            # As AWS IoT does for a name that it does not know.
            server.context = self.issuer.default
            self._made.pop(region, None)
            return
        if self._made.setdefault(region, (arns[0], self.now))[0] != arns[0]:
            server.context = self.issuer.default
            self._made[region] = arns[0], self.now
        arn, since = self._made[region]
        if since == 0.0 or self.now >= since + self.serves_after:
            server.context = self.issuer.context(arn)

    def _resources(self, stack: str, type_: str) -> list[dict[str, Any]]:
        (file,) = (self.folder / ".sandbox").rglob(f"{stack}.tfstate")
        resources = json.loads(file.read_bytes())["resources"]
        return [
            instance["attributes"]
            for resource in resources
            if resource["type"] == type_
            for instance in resource["instances"]
            if "deposed" not in instance
        ]


@contextmanager
def rotation_day(
    world: AppliedWorld, faults: Faults, authority: Authority, certificates: Path, folder: Path
) -> Generator[Day]:
    """Begin a day for a `with` block, in a folder with the environment's sandbox below it."""
    settings = world.settings
    issuer = Issuer(settings, authority, certificates)
    first = dict.fromkeys(settings.regions, issuer.context("none"))
    with tls_names(first) as tls, name_servers(settings, tls.addresses) as names:
        day = Day(settings, world, faults, names, tls, authority, issuer, folder)
        faults.answers += [issuer.answer, day.answer]
        day.live()
        yield day
