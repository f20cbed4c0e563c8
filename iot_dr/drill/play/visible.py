"""What commands see of a platform: AWS's API, name servers, and TLS at regional names."""

import ssl
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from dns.rdatatype import RdataType

from iot_dr.drill.play.account import client
from iot_dr.drill.play.answers import AwsAnswers, OnPut
from iot_dr.drill.play.applied import Applied
from iot_dr.drill.play.faults import Failing, Faults
from iot_dr.drill.play.name_server import NameServer, Records, Zone, serving
from iot_dr.drill.play.platform import Platform
from iot_dr.drill.play.regions import ROUND_TRIPS
from iot_dr.drill.play.tls_name import TlsNames, tls_names
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.metric import alarm_name
from iot_dr.terraform.sandbox.loopback import HOST

_NAME_SERVER: Final = "ns-1.example.net"
_DEAD: Final = "127.0.9.9"
_RESOLVERS: Final = 2


@dataclass(frozen=True)
class ServerCertificates:
    """A server's certificates for an environment's names, valid and expired, and their roots."""

    roots: Path
    valid: ssl.SSLContext
    expired: ssl.SSLContext

    @classmethod
    def issue(cls, authority: Authority, zone_name: str) -> "ServerCertificates":
        """Issue certificates for the names of a zone."""
        name = f"*.{zone_name}"
        return cls(
            authority.roots,
            _context(authority.server(name)),
            _context(authority.server(name, is_expired=True)),
        )


@dataclass
class Visible:
    """A platform as commands see it; `update` follows the platform's state.

    `network` and the endpoint of `faults` lead commands there.
    """

    platform: Platform
    applied: Applied
    faults: Faults
    certificates: ServerCertificates
    answers: AwsAnswers
    tls: TlsNames
    network: Network
    _states: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def update(self) -> None:
        """Show the platform's state of now; AWS's answers and DNS follow without it."""
        lost: dict[tuple[str, str | None], Failing] = {
            (region, None): how for region, how in self.platform.lost_apis.items()
        }
        if lost != self.faults.failing:
            self.faults.failing = lost
        self._set_switches()
        for region, state in self.platform.regions.items():
            server, own = self.tls.regions[region], self.certificates
            server.delay = ROUND_TRIPS * state.latency
            server.context = own.expired if state.is_expired else own.valid
            if not state.is_up:
                server.serving = "reset"
            else:
                server.serving = "hang" if state.is_silent else "tls"

    def _set_switches(self) -> None:
        """Set the alarms of all switches; the last region's is evaluated by no record."""
        settings = self.applied.settings
        states = {
            (alarm.region or "", alarm.name): self.platform.cloudwatch.states[alarm.id]
            for alarm in self.platform.world.alarms.values()
        }
        for region in settings.regions:
            for alarm_region in settings.alarm_regions(region):
                key = alarm_region, alarm_name(settings, region)
                state = states.get(key, "OK")
                if self._states.get(key) != state:
                    client("cloudwatch", alarm_region, self.applied.endpoint).set_alarm_state(
                        AlarmName=key[1], StateValue=state, StateReason="drill"
                    )
                    self._states[key] = state


@contextmanager
def commands_see(
    platform: Platform,
    applied: Applied,
    faults: Faults,
    certificates: ServerCertificates,
    on_put: OnPut,
) -> Generator[Visible]:
    """Let commands see and switch a platform for a `with` block."""
    settings = applied.settings
    faults.clear()
    answers = AwsAnswers(platform, settings, applied, on_put)
    faults.answers.append(answers)
    with ExitStack() as stack:
        stack.callback(faults.clear)
        tls = stack.enter_context(tls_names(dict.fromkeys(settings.regions, certificates.valid)))
        zone = _zone(platform, applied, tls)
        own = stack.enter_context(serving(NameServer(zone)))
        random = Random(f"{platform.seed} resolvers")  # noqa: S311 - no secret
        resolvers = [
            stack.enter_context(serving(NameServer(_cached(platform, applied, zone, random))))
            for _ in range(_RESOLVERS)
        ]
        network = Network(
            resolvers=tuple(each.resolver for each in resolvers),
            authority_port=own.port,
            tls_port=tls.port,
            trust=ssl.create_default_context(cafile=str(certificates.roots)),
        )
        visible = Visible(platform, applied, faults, certificates, answers, tls, network)
        visible.update()
        yield visible


def _zone(platform: Platform, applied: Applied, tls: TlsNames) -> Zone:
    """Return what the zone's name servers answer."""
    settings = applied.settings
    regions = {settings.regional_name(region): region for region in settings.regions}

    def answer(name: str, kind: RdataType) -> Records:
        if (name, kind) == (settings.device_name, RdataType.CNAME):
            return [(platform.world.ttl, f"{settings.regional_name(platform.answered())}.")]
        if (name, kind) == (settings.zone_name, RdataType.NS):
            return [(172_800, f"{_NAME_SERVER}.")]
        if (name, kind) == (_NAME_SERVER, RdataType.A):
            return [(60, HOST)]
        if kind == RdataType.A and (region := regions.get(name)):
            dead = platform.regions[region].dead_addresses
            return [(60, tls.addresses[region]), *[(60, _DEAD)] * dead]
        return []

    return answer


def _cached(platform: Platform, applied: Applied, zone: Zone, random: Random) -> Zone:
    """Return what a resolver answers that others keep warm: its own phase of each TTL."""
    settings, ttl = applied.settings, platform.world.ttl
    phase = random.uniform(0, ttl)

    def answer(name: str, kind: RdataType) -> Records:
        if (name, kind) != (settings.device_name, RdataType.CNAME) or not ttl:
            return zone(name, kind)
        age = (platform.now + phase) % ttl
        region = platform.answered(platform.now - age)
        return [(int(ttl - age), f"{settings.regional_name(region)}.")]

    return answer


def _context(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    return context
