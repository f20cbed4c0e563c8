"""What name servers say of the device name."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.observe.status.addresses import authorities
from iot_dr.observe.status.asked import ask_each
from iot_dr.observe.status.dns_question import ask, records
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.unknown import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAnswer:
    """Where a server leads the device name, the region of that name, and its TTL left in seconds.

    `target` and `ttl` are None where the name has no CNAME; `region` is None where the target is
    the regional name of none of our regions.
    """

    target: str | None = None
    region: str | None = None
    ttl: int | None = None

    @property
    def words(self) -> str:
        """The region, else what was answered instead, safe to print."""
        return self.region or (f"a foreign name: {self.target}" if self.target else "no CNAME")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSight:
    """A server that was asked, and what it said."""

    server: str
    kind: Literal["authoritative", "resolver"]
    answer: NameAnswer | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSearch:
    """Asks the zone's own servers and all resolvers where the device name leads."""

    settings: Settings
    network: Network

    def authoritative(self) -> tuple[NameSight, ...]:
        """Ask each of the zone's own servers, whose TTL is the whole one.

        Raises DnsError when they cannot be found.
        """
        found = authorities(self.settings.zone_name, self.network, self.network.limits.dns)
        works = {
            name: partial(self._ask, address, self.network.authority_port)
            for name, address in found.items()
        }
        return tuple(
            NameSight(server=plain(name), kind="authoritative", answer=answer)
            for name, answer in ask_each(works, self.network.limits.dns).items()
        )

    def resolvers(self) -> tuple[NameSight, ...]:
        """Ask each resolver, whose TTL is what is left of the answer that it keeps."""
        works = {
            each: partial(self._ask, each.address, each.port) for each in self.network.resolvers
        }
        return tuple(
            NameSight(server=each.address, kind="resolver", answer=answer)
            for each, answer in ask_each(works, self.network.limits.dns).items()
        )

    def _ask(self, address: str, port: int) -> NameAnswer:
        name = self.settings.device_name
        told = ask(address, port, name, RdataType.CNAME, self.network.limits.dns)
        found = records(told, RdataType.CNAME, name)
        if not found:
            return NameAnswer()
        target = plain(found[0].data.lower())
        regions = {self.settings.regional_name(each): each for each in self.settings.regions}
        return NameAnswer(target=target, region=regions.get(target), ttl=found[0].ttl)
