"""Whom a status asks in the network, and for how long."""

import ssl
from dataclasses import dataclass, field
from typing import Final

from dns.exception import DNSException
from dns.resolver import get_default_resolver

from iot_dr.observe.aws.clients import Limits as AwsLimits

DNS_PORT: Final = 53
"""Where name servers listen."""

TLS_PORT: Final = 8883
"""Where devices connect with MQTT: docs.aws.amazon.com/iot/latest/developerguide/protocols.html."""

PUBLIC_RESOLVERS: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""The resolvers of Cloudflare, Google and Quad9, which anyone may ask."""

_AWS: Final = AwsLimits(connect=1.0, read=1.5, attempts=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds that one DNS question, one TLS probe and a whole look may take.

    `pause` is the time between two looks of a watch. `aws` limits each call of an AWS service: a
    region that hangs costs two attempts, and up to a second between them.
    """

    dns: float = 1.5
    tls: float = 3.0
    total: float = 4.5
    pause: float = 5.0
    aws: AwsLimits = _AWS


@dataclass(frozen=True, slots=True)
class Resolver:
    """A recursive name server."""

    address: str
    port: int = DNS_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The resolvers that are asked, the ports of all others, the trusted roots and the patience."""

    resolvers: tuple[Resolver, ...]
    authority_port: int = DNS_PORT
    tls_port: int = TLS_PORT
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    limits: Limits = Limits()

    @classmethod
    def public(cls) -> "Network":
        """Ask this machine's resolvers and public ones, and trust what the system trusts."""
        addresses = dict.fromkeys((*resolvers_of_this_machine(), *PUBLIC_RESOLVERS))
        return cls(resolvers=tuple(Resolver(address) for address in addresses))


def resolvers_of_this_machine() -> tuple[str, ...]:
    """Return the resolvers of `/etc/resolv.conf`; none if it cannot be read."""
    try:
        return tuple(str(each) for each in get_default_resolver().nameservers)
    except (DNSException, ValueError):
        return ()
