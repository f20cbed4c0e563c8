"""One question to one name server."""

from dataclasses import dataclass
from typing import Any, Final, cast

import dns.message
import dns.query
import dns.rcode
from dns.exception import DNSException, Timeout
from dns.message import Message
from dns.name import from_text
from dns.rdatatype import RdataType

_TRIES: Final = 2


class DnsError(DNSException):
    """A name server answered, and says that it cannot tell."""


@dataclass(frozen=True, slots=True)
class Record:
    """What an answer holds: the data of one record, without a last dot, and its TTL in seconds."""

    data: str
    ttl: int


def ask(address: str, port: int, name: str, kind: RdataType, seconds: float) -> Message:
    """Ask a server at an IP address, again when a datagram is lost, by TCP when one is too long.

    Raises:
        DNSException: when it does not answer in time, damages its answer or refuses.
        OSError: when it cannot be reached.
    """
    message = _asked(address, port, dns.message.make_query(name, kind), seconds)
    if message.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise DnsError(f"{address} answers {dns.rcode.to_text(message.rcode())}")
    return message


def _asked(address: str, port: int, question: Message, seconds: float) -> Message:
    for _ in range(_TRIES):
        try:
            # What is no answer to this question, or from elsewhere, is passed over.
            answer, _ = dns.query.udp_with_fallback(
                question,
                address,
                timeout=seconds / _TRIES,
                port=port,
                ignore_unexpected=True,
                ignore_errors=True,
            )
        except Timeout:
            continue
        return answer
    raise DnsError(f"no answer within {seconds:g} s")


def records(message: Message, kind: RdataType, name: str | None = None) -> list[Record]:
    """Give the records of a kind in an answer: of all names in it, or of one name."""
    return [
        Record(str(data).rstrip("."), found.ttl)
        for found in message.answer
        if found.rdtype == kind and (name is None or found.name == from_text(name))
        # dnspython leaves the type of what it holds open.
        for data in cast("list[Any]", found)
    ]
