"""Name servers on loopback: the zone's own, and resolvers that forward to it."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.drill.play.name_server import Records, serving
from iot_dr.generate.expectation import failover_config
from iot_dr.terraform.sandbox.loopback import HOST
from tests.support.faulty_name_server import FaultyNameServer
from tests.support.region_health import Health, RegionHealth, answer

NAME_SERVERS: Final = ("ns-1.example.net", "ns-2.example.net")


@dataclass
class Route53Names:
    """What Route 53 answers for an environment by the evaluation of `iot_dr.route53`.

    `addresses` are those of the regional names; `ttl` is that of the device name's answer.
    """

    settings: Settings
    addresses: dict[str, str]
    health: Health = field(default_factory=dict[str, RegionHealth])
    away: frozenset[str] = frozenset()

    @property
    def region(self) -> str:
        """The region that the device name resolves to."""
        return answer(failover_config(self.settings), self.health, self.away).leads_to

    def __call__(self, name: str, kind: RdataType) -> Records:
        own = self.settings
        if (name, kind) == (own.device_name, RdataType.CNAME):
            return [(own.endpoint.ttl, f"{own.regional_name(self.region)}.")]
        if (name, kind) == (own.zone_name, RdataType.NS):
            return [(172800, f"{server}.") for server in NAME_SERVERS]
        if kind == RdataType.A:
            by_name = {own.regional_name(each): at for each, at in self.addresses.items()}
            by_name |= dict.fromkeys(NAME_SERVERS, HOST)
            return [(60, by_name[name])] if name in by_name else []
        return []


@dataclass(frozen=True)
class NameServers:
    """The zone's own server, and two resolvers that query it."""

    route53: Route53Names
    own: FaultyNameServer
    resolvers: tuple[FaultyNameServer, FaultyNameServer]


@contextmanager
def name_servers(settings: Settings, addresses: dict[str, str]) -> Generator[NameServers]:
    """Serve the names of an environment for a `with` block."""
    route53 = Route53Names(settings, addresses)
    with ExitStack() as stack:
        own, first, second = (
            stack.enter_context(serving(FaultyNameServer(route53))) for _ in range(3)
        )
        yield NameServers(route53, own, (first, second))
