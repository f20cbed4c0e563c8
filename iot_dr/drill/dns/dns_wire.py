"""Queries that a name server gets, and answers as they go over the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import dnslib

from iot_dr.terraform_json.dns_name import dns_name

ID: Final = 2
"""How many octets of a message are the number that tells which answer is to which query."""

# It has no types of its own, and is several times faster than what has.
_DNS: Any = dnslib


class WireError(Exception):
    """What came is no query."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: a name as names compare, and a type such as `A`; `query` is the message."""

    name: str
    type: str
    is_plain: bool
    query: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A code such as `NOERROR`, and the records: owner, type (`A`, `CNAME`), value and TTL in s."""

    code: str
    records: Sequence[tuple[str, str, str, int]] = ()


def read_question(message: bytes) -> Question:
    """Read a query; raises WireError for what is none, and for an answer.

    `is_plain` is false for other than one question of the class IN by the operation QUERY.
    """
    try:
        query = _DNS.DNSRecord.parse(message)
    except dnslib.DNSError as error:
        raise WireError(str(error)) from None
    if query.header.qr or not query.questions:
        raise WireError("this asks nothing")
    asked = query.q
    is_plain = (
        len(query.questions) == 1
        and asked.qclass == _DNS.CLASS.IN
        and query.header.opcode == _DNS.OPCODE.QUERY
    )
    return Question(dns_name(str(asked.qname)), str(_DNS.QTYPE.get(asked.qtype)), is_plain, query)


def written(question: Question, answer: Answer) -> bytes:
    """Write an answer to a question."""
    reply = question.query.reply(ra=0, aa=int(answer.code != "REFUSED"))
    reply.header.rcode = getattr(_DNS.RCODE, answer.code)
    for owner, type_, value, ttl in answer.records:
        data = getattr(_DNS, type_)(value)
        kind = getattr(_DNS.QTYPE, type_)
        reply.add_answer(_DNS.RR(owner, kind, ttl=ttl, rdata=data))
    return reply.pack()
