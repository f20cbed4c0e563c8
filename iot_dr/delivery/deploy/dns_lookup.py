"""What public DNS says of a zone's delegation."""

import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.delivery.deploy.dns_message import DnsError, name_servers_in, question

PORT: Final = 53
"""Where name servers listen."""

_RESOLVERS = Path("/etc/resolv.conf")
_SECONDS = 3.0
_LARGEST = 4096


@dataclass(frozen=True, kw_only=True)
class ParentLookup:
    """Asks the servers of the zone above.

    They know of a new delegation at once, where a resolver may remember for hours that there was
    none. `resolvers` are asked only who those servers are; all listen on `port`.
    """

    resolvers: Sequence[str]
    port: int = PORT

    @classmethod
    def of_this_machine(cls, file: Path = _RESOLVERS) -> "ParentLookup":
        """Take the resolvers of this machine; man 5 resolv.conf: the local one if none is named."""
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        words = (line.split() for line in lines)
        named = [each[1] for each in words if each[:1] == ["nameserver"] and len(each) > 1]
        return cls(resolvers=named or ["127.0.0.1"])

    def __call__(self, zone_name: str) -> frozenset[str]:
        """Give the name servers that the zone above names for a zone; none if it names none.

        Raises:
            DnsError: when no server answers.
        """
        _, _, above = zone_name.partition(".")
        while above:
            servers = self._ask(self.resolvers, above)
            if servers:
                return self._ask(sorted(servers), zone_name)
            _, _, above = above.partition(".")
        raise DnsError(f"no zone above {zone_name} has a name server")

    def _ask(self, servers: Iterable[str], name: str) -> frozenset[str]:
        """Give the answer of the first server that has one."""
        failure = "no server to ask"
        for server in servers:
            try:
                return self._ask_one(server, name)
            except (DnsError, OSError) as error:
                failure = f"{server}: {error}"
        raise DnsError(f"no answer for {name} ({failure})")

    def _ask_one(self, server: str, name: str) -> frozenset[str]:
        number = secrets.randbits(16)
        # The first is the one that this machine has the best way to (RFC 6724).
        family, kind, protocol, _, address = socket.getaddrinfo(
            server, self.port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as channel:
            channel.settimeout(_SECONDS)
            # Connected, it takes no datagram from anyone else.
            channel.connect(address)
            channel.send(question(name, number))
            return name_servers_in(channel.recv(_LARGEST), name, number)
