"""The name servers that the zone above names for a zone."""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from dns.exception import DNSException
from dns.name import from_text
from dns.rdatatype import RdataType

from iot_dr.observe.status.dns_question import DnsError, ask
from iot_dr.observe.status.network import DNS_PORT, resolvers_of_this_machine

_SECONDS: Final = 3.0


@dataclass(frozen=True, kw_only=True)
class ParentLookup:
    """Asks the servers of the zone above.

    They know of a new delegation at once, where a resolver may remember for hours that there was
    none. `resolvers` are asked only who those servers are; all listen on `port`.
    """

    resolvers: Sequence[str]
    port: int = DNS_PORT

    @classmethod
    def of_this_machine(cls) -> "ParentLookup":
        """Ask the resolvers of this machine; man 5 resolv.conf: the local one if none is named."""
        return cls(resolvers=resolvers_of_this_machine() or ["127.0.0.1"])

    def __call__(self, zone_name: str) -> frozenset[str]:
        """Return the name servers that the zone above names for a zone; none if it names none.

        Raises DnsError when no server answers.
        """
        _, _, above = zone_name.partition(".")
        while above:
            servers = self._ask(self.resolvers, above)
            if servers:
                return self._ask(sorted(servers), zone_name)
            _, _, above = above.partition(".")
        raise DnsError(f"no zone above {zone_name} has a name server")

    def _ask(self, servers: Iterable[str], name: str) -> frozenset[str]:
        """Return the answer of the first server that has one."""
        failure = "no server to ask"
        for server in servers:
            try:
                return self._ask_one(server, name)
            except (DNSException, OSError) as error:
                failure = f"{server}: {error}"
        raise DnsError(f"no answer for {name} ({failure})")

    def _ask_one(self, server: str, name: str) -> frozenset[str]:
        # The first address is the one that this machine has the best route to (RFC 6724).
        address = socket.getaddrinfo(server, self.port, type=socket.SOCK_DGRAM)[0][4][0]
        message = ask(str(address), self.port, name, RdataType.NS, _SECONDS)
        return frozenset(
            str(data).rstrip(".").lower()
            # A parent refers to the zone's servers in the authority section (RFC 1034, 4.3.1).
            for found in (*message.answer, *message.authority)
            if found.rdtype == RdataType.NS and found.name == from_text(name)
            # dnspython leaves the type of what it holds open.
            for data in cast("list[Any]", found)
        )
