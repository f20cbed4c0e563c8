"""The addresses of names, by whichever resolver answers first."""

from collections.abc import Callable
from functools import partial

from dns.rdatatype import RdataType

from iot_dr.observe.status.asked import ask_each, first_of
from iot_dr.observe.status.dns_question import DnsError, ask, records
from iot_dr.observe.status.network import Network, Resolver
from iot_dr.observe.status.unknown import Unknown


def addresses(name: str, network: Network, seconds: float) -> list[str]:
    """Give the IP addresses of a name: those of version 4, else those of version 6.

    Raises:
        DnsError: when no resolver answers within `seconds`, or the name has no address.
    """
    found = _of_kind(name, RdataType.A, network, seconds)
    found = found or _of_kind(name, RdataType.AAAA, network, seconds)
    if not found:
        raise DnsError(f"{name} has no address")
    return found


def authorities(zone_name: str, network: Network, seconds: float) -> dict[str, str]:
    """Give the zone's own name servers, with an address of each; each question has `seconds`.

    Raises:
        DnsError: when no resolver knows the servers, or the address of any.
    """
    names = _of_kind(zone_name, RdataType.NS, network, seconds)
    if not names:
        raise DnsError(f"public DNS shows no name servers for {zone_name}")
    works = {name: partial(addresses, name, network, seconds) for name in sorted(names)}
    found = ask_each(works, 2 * seconds)
    known = {name: each[0] for name, each in found.items() if not isinstance(each, Unknown)}
    if not known:
        raise DnsError(f"no resolver knows an address of {', '.join(found)}")
    return known


def _of_kind(name: str, kind: RdataType, network: Network, seconds: float) -> list[str]:
    def asking(resolver: Resolver) -> Callable[[], list[str]]:
        return lambda: _asked(resolver, name, kind, seconds)

    told = first_of([asking(resolver) for resolver in network.resolvers], seconds)
    if isinstance(told, Unknown):
        raise DnsError(told.reason)
    return told


def _asked(resolver: Resolver, name: str, kind: RdataType, seconds: float) -> list[str]:
    message = ask(resolver.address, resolver.port, name, kind, seconds)
    return [record.data for record in records(message, kind)]
