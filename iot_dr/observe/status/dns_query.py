"""A DNS query to one server."""

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import dns.rcode
from dns.exception import DNSException, Timeout
from dns.name import from_text
from dns.rdatatype import RdataType

if TYPE_CHECKING:
    from dns.message import Message

_TRIES: Final = 2


class DnsError(DNSException):
    """A DNS query failed: no answer, an error code, or no usable record."""


@dataclass(frozen=True, slots=True)
class RecordData:
    """The data of a DNS record, without a final dot, and its TTL in seconds."""

    data: str
    ttl: int


def query_dns(address: str, port: int, name: str, kind: RdataType, seconds: float) -> "Message":
    """Query a server at an IP address; retries after a lost datagram, and by TCP if truncated.

    Raises DNSException if it does not answer in time, sends a damaged answer or refuses, and
    OSError if it cannot be reached.
    """
    from dns.message import make_query  # noqa: PLC0415 - slow, also for `--help`

    message = _asked(address, port, make_query(name, kind), seconds)
    if message.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise DnsError(f"{address} answers {dns.rcode.to_text(message.rcode())}")
    return message


def _asked(address: str, port: int, question: "Message", seconds: float) -> "Message":
    from dns.query import udp_with_fallback  # noqa: PLC0415 - as above

    for _ in range(_TRIES):
        try:
            # Datagrams that do not answer this query, or come from elsewhere, are ignored.
            with _connected(address, port) as udp:
                answer, _ = udp_with_fallback(
                    question,
                    address,
                    timeout=seconds / _TRIES,
                    port=port,
                    ignore_unexpected=True,
                    udp_sock=udp,
                    ignore_errors=True,
                )
        except Timeout:
            continue
        return answer
    raise DnsError(f"no answer within {seconds:g} s")


def _connected(address: str, port: int) -> socket.socket:
    """Return a socket that reports a refused port, which an unconnected one does not."""
    family, *_, destination = socket.getaddrinfo(
        address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
    )[0]
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        udp.setblocking(False)
        udp.connect(destination)
    except OSError:
        udp.close()
        raise
    return udp


def records(message: "Message", kind: RdataType, name: str | None = None) -> list[RecordData]:
    """Return the records of a type in an answer: of all names in it, or of one name."""
    return [
        RecordData(str(data).rstrip("."), rrset.ttl)
        for rrset in message.answer
        if rrset.rdtype == kind and (name is None or rrset.name == from_text(name))
        # dnspython does not declare the type of an RRset's members.
        for data in cast("list[Any]", rrset)
    ]
