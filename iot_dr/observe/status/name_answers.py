"""Answers of name servers for the device name."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.observe.status.addresses import authorities
from iot_dr.observe.status.dns_query import query_dns, records
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAnswer:
    """The target that a server returns for the device name, its region, and the TTL in seconds.

    `target` and `ttl` are None if the name has no CNAME; `region` is None if the target is not the
    regional name of one of our regions.
    """

    target: str | None = None
    region: str | None = None
    ttl: int | None = None

    @property
    def summary(self) -> str:
        """The region, else the foreign target or that there is no CNAME; safe to print."""
        return self.region or (f"a foreign name: {self.target}" if self.target else "no CNAME")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServerAnswer:
    """A name server, and its answer for the device name."""

    server: str
    kind: Literal["authoritative", "resolver"]
    answer: NameAnswer | UnknownValue


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNameQuery:
    """Queries the zone's own servers and all resolvers for the device name."""

    settings: Settings
    network: Network

    def authoritative(self) -> tuple[NameServerAnswer, ...]:
        """Query each of the zone's own servers, which return the full TTL.

        Raises DnsError if they cannot be found.
        """
        servers = authorities(self.settings.zone_name, self.network, self.network.limits.dns)
        works = {
            name: partial(self._ask, address, self.network.authority_port)
            for name, address in servers.items()
        }
        return tuple(
            NameServerAnswer(server=plain(name), kind="authoritative", answer=answer)
            for name, answer in query_all(works, self.network.limits.dns).items()
        )

    def resolvers(self) -> tuple[NameServerAnswer, ...]:
        """Query each resolver, which returns the remaining TTL of its cached answer."""
        works = {
            resolver: partial(self._ask, resolver.address, resolver.port)
            for resolver in self.network.resolvers
        }
        return tuple(
            NameServerAnswer(server=resolver.address, kind="resolver", answer=answer)
            for resolver, answer in query_all(works, self.network.limits.dns).items()
        )

    def _ask(self, address: str, port: int) -> NameAnswer:
        name = self.settings.device_name
        message = query_dns(address, port, name, RdataType.CNAME, self.network.limits.dns)
        answers = records(message, RdataType.CNAME, name)
        if not answers:
            return NameAnswer()
        target = plain(answers[0].data.lower())
        regions = {self.settings.regional_name(each): each for each in self.settings.regions}
        return NameAnswer(target=target, region=regions.get(target), ttl=answers[0].ttl)
