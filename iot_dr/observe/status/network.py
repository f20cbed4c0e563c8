"""Servers, ports and time limits for observing an environment."""

import ssl
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from functions.contract import MQTT_PORT
from iot_dr.observe.aws.clients import CallLimits as AwsLimits

DNS_PORT: Final = 53
"""The port of name servers."""

PUBLIC_RESOLVERS: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""The public resolvers of Cloudflare, Google and Quad9."""

_RESOLV_CONF: Final = Path("/etc/resolv.conf")
_AWS: Final = AwsLimits(connect=1.0, read=1.5, attempts=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """Seconds for one DNS query, one TLS probe and a whole observation.

    A handshake in a slow region takes four round trips. `pause` is the time between two
    observations of a watch. `aws` limits each call of an AWS service: a region that hangs costs two
    attempts, and up to a second between them.
    """

    dns: float = 1.5
    tls: float = 7.0
    total: float = 9.0
    pause: float = 5.0
    aws: AwsLimits = _AWS


@dataclass(frozen=True, slots=True)
class Resolver:
    """A recursive name server."""

    address: str
    port: int = DNS_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Resolvers to query, ports of other servers, trusted roots and time limits."""

    resolvers: tuple[Resolver, ...]
    authority_port: int = DNS_PORT
    tls_port: int = MQTT_PORT
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    limits: QueryLimits = QueryLimits()

    @classmethod
    def public(cls) -> "Network":
        """Return this machine's resolvers and public ones, with the system's trusted roots."""
        addresses = dict.fromkeys((*nameservers(_RESOLV_CONF), *PUBLIC_RESOLVERS))
        return cls(resolvers=tuple(Resolver(address) for address in addresses))

    @classmethod
    def current(cls) -> "Network":
        """Return the network of this context, which is the public one unless `NETWORK` is set."""
        return NETWORK.get() or cls.public()


NETWORK: Final[ContextVar[Network | None]] = ContextVar("network", default=None)
"""The network of the commands that run in this context, such as a rehearsal on this machine."""


def nameservers(resolv_conf: Path) -> tuple[str, ...]:
    """Return the name servers of a resolv.conf, none if it cannot be read.

    A line without an IP address is ignored; dnspython refuses the whole file for it.
    """
    try:
        lines = resolv_conf.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    words = (line.split() for line in lines)
    addresses = (each[1] for each in words if each[:1] == ["nameserver"] and len(each) > 1)
    return tuple(address for address in addresses if _is_ip_address(address))


def _is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
