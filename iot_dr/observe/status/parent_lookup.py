"""The name servers that a zone's parent zone names for it."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from dns.exception import DNSException
from dns.name import from_text
from dns.rdatatype import RdataType

from iot_dr.observe.status.dns_query import DnsError, query_dns
from iot_dr.observe.status.network import Network, Resolver

_SECONDS: Final = 3.0


@dataclass(frozen=True, kw_only=True)
class ParentLookup:
    """Queries the servers of the parent zone.

    They know a new delegation at once; a resolver may cache for hours that there was none.
    The resolvers of `network` are queried only for the parent's name servers.
    """

    network: Network

    def __call__(self, zone_name: str) -> frozenset[str]:
        """Return the name servers that the parent zone names for a zone; empty if it names none.

        Raises DnsError if no server answers, or no zone above has a name server.
        """
        # The parent zone may be any name above: not every label is a zone cut.
        _, _, above = zone_name.partition(".")
        while above:
            servers = self._ask(self.network.resolvers, above)
            if servers:
                port = self.network.authority_port
                return self._ask((Resolver(each, port) for each in sorted(servers)), zone_name)
            _, _, above = above.partition(".")
        raise DnsError(f"no zone above {zone_name} has a name server")

    def _ask(self, servers: Iterable[Resolver], name: str) -> frozenset[str]:
        """Return the answer of the first server that answers; raises DnsError if none does."""
        failure = "no server to ask"
        for server in servers:
            try:
                return self._ask_one(server, name)
            except (DNSException, OSError) as error:
                failure = f"{server.address}: {error}"
        raise DnsError(f"no answer for {name} ({failure})")

    @staticmethod
    def _ask_one(server: Resolver, name: str) -> frozenset[str]:
        # The first address is the one with the best route (RFC 6724).
        address = socket.getaddrinfo(server.address, server.port, type=socket.SOCK_DGRAM)[0][4][0]
        message = query_dns(str(address), server.port, name, RdataType.NS, _SECONDS)
        return frozenset(
            str(data).rstrip(".").lower()
            # A parent refers to the zone's servers in the authority section (RFC 1034, 4.3.1).
            for rrset in (*message.answer, *message.authority)
            if rrset.rdtype == RdataType.NS and rrset.name == from_text(name)
            # dnspython does not declare the type of an RRset's members.
            for data in cast("list[Any]", rrset)
        )
