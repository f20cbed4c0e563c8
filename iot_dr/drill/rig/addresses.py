"""Loopback addresses of the drill's regions: one for each, with the same ports on all."""

import secrets
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from iot_dr.common.user_error import UserError

_TRIES: Final = 50


class NoPortError(UserError):
    """No port is free on this machine's loopback addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """A loopback address for each region, and the ports that are used there.

    The ports are the same on all of them: `mqtt` (TLS, for devices), `https` (TLS, the regional
    name's 443), `api` (TLS, the health API's 443) and `local` (plain MQTT, for the drill's own
    clients). `dns` is the name server's address and `domain` its port. `behind` is the broker's TLS
    port while a relay listens on `mqtt`.
    """

    hosts: Mapping[str, str]
    dns: str
    mqtt: int
    https: int
    api: int
    local: int
    domain: int
    behind: int

    def region(self, host: str) -> str:
        """Return the region of an address; raises KeyError for another address."""
        return {address: region for region, address in self.hosts.items()}[host]


def free_addresses(regions: Iterable[str]) -> Addresses:
    """Choose random addresses, and ports that are free on all of them.

    Raises NoPortError without a free port.
    """
    block = f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(255)}"
    hosts = {region: f"{block}.{number}" for number, region in enumerate(regions, 1)}
    name_server = f"{block}.254"
    everywhere = (*hosts.values(), name_server)
    ports: set[int] = set()
    while len(ports) < 6:  # noqa: PLR2004 - the fields of Addresses
        ports.add(_free_port(everywhere))
    mqtt, https, api, local, domain, behind = ports
    return Addresses(
        hosts=hosts,
        dns=name_server,
        mqtt=mqtt,
        https=https,
        api=api,
        local=local,
        domain=domain,
        behind=behind,
    )


def _free_port(hosts: Iterable[str]) -> int:
    for _ in range(_TRIES):
        port = 20_000 + secrets.randbelow(12_000)
        if all(_is_free(host, port) for host in hosts):
            return port
    message = "no free port on loopback addresses; stop programs that listen on many ports"
    raise NoPortError(message)


def _is_free(host: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind((host, port))
            except OSError:
                return False
    return True
