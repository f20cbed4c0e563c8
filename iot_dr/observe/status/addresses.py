"""Addresses of names, from the first resolver that answers."""

from collections.abc import Callable
from functools import partial

from dns.rdatatype import RdataType

from iot_dr.observe.status.dns_query import DnsError, query_dns, records
from iot_dr.observe.status.network import Network, Resolver
from iot_dr.observe.status.queries import first_answer, query_all
from iot_dr.observe.status.unknown import UnknownValue


def addresses(name: str, network: Network, seconds: float) -> list[str]:
    """Return the IPv4 addresses of a name, else its IPv6 addresses.

    Raises DnsError if no resolver answers within `seconds` for each type, or the name has no
    address.
    """
    answer = answers_of(name, RdataType.A, network, seconds)
    answer = answer or answers_of(name, RdataType.AAAA, network, seconds)
    if not answer:
        raise DnsError(f"{name} has no address")
    return answer


def authorities(zone_name: str, network: Network, seconds: float) -> dict[str, str]:
    """Return the zone's own name servers, with one address each; each query has `seconds`.

    A server without a known address is left out. Raises DnsError if no resolver knows the servers,
    or an address of any of them.
    """
    names = answers_of(zone_name, RdataType.NS, network, seconds)
    if not names:
        raise DnsError(f"public DNS shows no name servers for {zone_name}")
    works = {name: partial(addresses, name, network, seconds) for name in sorted(names)}
    answers = query_all(works, 2 * seconds)
    known = {name: each[0] for name, each in answers.items() if not isinstance(each, UnknownValue)}
    if not known:
        raise DnsError(f"no resolver knows an address of {', '.join(answers)}")
    return known


def answers_of(name: str, kind: RdataType, network: Network, seconds: float) -> list[str]:
    """Return the data of a name's records of a type; raises DnsError if no resolver answers."""

    def asking(resolver: Resolver) -> Callable[[], list[str]]:
        return lambda: _asked(resolver, name, kind, seconds)

    answer = first_answer([asking(resolver) for resolver in network.resolvers], seconds)
    if isinstance(answer, UnknownValue):
        raise DnsError(answer.reason)
    return answer


def _asked(resolver: Resolver, name: str, kind: RdataType, seconds: float) -> list[str]:
    message = query_dns(resolver.address, resolver.port, name, kind, seconds)
    return [record.data for record in records(message, kind)]
