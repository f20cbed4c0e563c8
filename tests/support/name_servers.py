"""Name servers on loopback: the zone's own, and resolvers that forward to it."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import dns.message
import dns.rcode
import dns.rrset
from dns.message import QueryMessage
from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.generate.expectation import failover_config
from iot_dr.observe.status.network import Resolver
from tests.support.region_health import Health, RegionHealth, answer

HOST: Final = "127.0.0.1"
NAME_SERVERS: Final = ("ns-1.example.net", "ns-2.example.net")

Records = list[tuple[int, str]]
"""TTL and data of the records in an answer."""

Zone = Callable[[str, RdataType], Records]


@dataclass
class NameServer:
    """Answers from `zone`, or from `own` if that is not empty; may refuse or not answer.

    It does not answer the next `loses` queries, and sends its `noise` before each answer.
    """

    zone: Zone
    own: dict[tuple[str, RdataType], Records] = field(
        default_factory=dict[tuple[str, RdataType], Records]
    )
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    is_silent: bool = False
    loses: int = 0
    noise: bytes = b""
    asked: list[str] = field(default_factory=list[str])
    channel: socket.socket = field(
        default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    )

    def __post_init__(self) -> None:
        self.channel.bind((HOST, 0))

    @property
    def port(self) -> int:
        return self.channel.getsockname()[1]

    @property
    def resolver(self) -> Resolver:
        return Resolver(HOST, self.port)

    def serve(self) -> None:
        """Answer until a datagram is empty."""
        while True:
            query, sender = self.channel.recvfrom(4096)
            if not query:
                return
            result = self._answer(query)
            if self.noise:
                self.channel.sendto(self.noise, sender)
            if self.loses:
                self.loses -= 1
            elif not self.is_silent:
                self.channel.sendto(result, sender)

    def _answer(self, query: bytes) -> bytes:
        message = dns.message.from_wire(query)
        assert isinstance(message, QueryMessage)
        (question,) = message.question
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype
        self.asked.append(name)
        result = dns.message.make_response(message, recursion_available=True)
        result.set_rcode(self.rcode)
        records = self.own[name, kind] if (name, kind) in self.own else self.zone(name, kind)
        if self.rcode == dns.rcode.NOERROR:
            result.answer += [
                dns.rrset.from_text(question.name, ttl, "IN", kind.name, data)
                for ttl, data in records
            ]
        return result.to_wire()


@contextmanager
def serving(server: NameServer) -> Generator[NameServer]:
    """Serve for a `with` block."""
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.channel.sendto(b"", server.channel.getsockname())
        thread.join()
        server.channel.close()


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
    own: NameServer
    resolvers: tuple[NameServer, NameServer]


@contextmanager
def name_servers(settings: Settings, addresses: dict[str, str]) -> Generator[NameServers]:
    """Serve the names of an environment for a `with` block."""
    route53 = Route53Names(settings, addresses)
    with ExitStack() as stack:
        own, first, second = (stack.enter_context(serving(NameServer(route53))) for _ in range(3))
        yield NameServers(route53, own, (first, second))
