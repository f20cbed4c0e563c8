"""Servers, ports and time limits for observing an environment."""

import os
import ssl
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from functions.contract import MQTT_PORT
from iot_dr.common.network_variable import NETWORK_VARIABLE
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.observe.aws.clients import CallLimits as AwsLimits

DNS_PORT: Final = 53
"""The port of name servers."""

PUBLIC_RESOLVERS: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""The public resolvers of Cloudflare, Google and Quad9."""

_EXAMPLE: Final = '{"resolvers": ["127.0.0.1:5301"], "authority_port": 5300, "tls_port": 8883}'
_Port = Annotated[int, Field(ge=1, le=65_535)]
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
    port: _Port = DNS_PORT


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
    def given(cls) -> "Network | None":
        """Return the network of this context, else that of the variable, else None.

        Raises UsageError for another value of the variable than JSON of these servers, and if it
        is set without AWS_ENDPOINT_URL: made-up DNS must not judge the regions of AWS itself.
        """
        if (network := NETWORK.get()) or not (text := os.environ.get(NETWORK_VARIABLE)):
            return network
        if not os.environ.get("AWS_ENDPOINT_URL"):
            message = (
                f"{NETWORK_VARIABLE} is set, and AWS_ENDPOINT_URL is not; unset it for AWS itself"
            )
            raise UsageError(message)
        try:
            servers = _Servers.model_validate_json(text)
        except ValidationError:
            message = (
                f"{NETWORK_VARIABLE}={plain(text)}: expected {_EXAMPLE}; unset it for public DNS"
            )
            raise UsageError(message) from None
        return cls(
            resolvers=tuple(servers.resolvers),
            authority_port=servers.authority_port,
            tls_port=servers.tls_port,
        )

    @classmethod
    def current(cls) -> "Network":
        """Return the given network, which is the public one unless one is given."""
        return cls.given() or cls.public()


def _resolver(given: object) -> dict[str, str]:
    address, _, port = str(given).rpartition(":")
    return {"address": str(IPv4Address(address)), "port": port}


class _Servers(BaseModel):
    model_config = ConfigDict(extra="forbid")

    resolvers: Annotated[list[Annotated[Resolver, BeforeValidator(_resolver)]], Field(min_length=1)]
    authority_port: _Port
    tls_port: _Port


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
