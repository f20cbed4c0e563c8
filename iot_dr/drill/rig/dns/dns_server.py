"""The drill's authoritative name server, and its DNS messages."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import dnslib

from iot_dr.common.user_error import UserError
from iot_dr.drill.rig.dns.datagrams import ID_SIZE, Datagrams, listening
from iot_dr.drill.rig.world.world import World
from iot_dr.route53.record import Record
from iot_dr.terraform_json.dns_name import dns_name, is_below

"""Octets of a DNS message's id (RFC 1035, section 4.1.1)."""

_MOST_KEPT: Final = 4096

# Untyped, but several times faster than dnspython.
_DNS: Any = dnslib


class DnsQueryError(Exception):
    """A datagram is not a DNS query."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the normalized name, a type such as `A`, and the message `query`.

    `is_plain` is false unless it is exactly one question with class IN and opcode QUERY.
    """

    name: str
    type: str
    is_plain: bool
    query: Any


@dataclass(frozen=True, slots=True)
class DnsResponse:
    """A code such as `NOERROR`, and records: owner, type (`A`, `CNAME`), value, TTL in seconds."""

    code: str
    records: Sequence[tuple[str, str, str, int]] = ()


def read_question(message: bytes) -> Question:
    """Parse a query; raises DnsQueryError for other data and for responses."""
    try:
        query = _DNS.DNSRecord.parse(message)
    except dnslib.DNSError as error:
        raise DnsQueryError(str(error)) from None
    if query.header.qr or not query.questions:
        raise DnsQueryError("not a query with a question")
    question = query.q
    is_plain = (
        len(query.questions) == 1
        and question.qclass == _DNS.CLASS.IN
        and query.header.opcode == _DNS.OPCODE.QUERY
    )
    return Question(
        dns_name(str(question.qname)), str(_DNS.QTYPE.get(question.qtype)), is_plain, query
    )


def encoded_response(question: Question, answer: DnsResponse) -> bytes:
    """Return the DNS message of a response."""
    reply = question.query.reply(ra=0, aa=int(answer.code != "REFUSED"))
    reply.header.rcode = getattr(_DNS.RCODE, answer.code)
    for owner, type_, value, ttl in answer.records:
        data = getattr(_DNS, type_)(value)
        kind = getattr(_DNS.QTYPE, type_)
        reply.add_answer(_DNS.RR(owner, kind, ttl=ttl, rdata=data))
    return reply.pack()


Choices = Callable[[], Mapping[str, Record]]
"""Returns the current record of each name; a new mapping after each change."""


class DnsPortError(UserError):
    """The name server's address and port are in use."""


class _Reply(NamedTuple):
    rest: bytes
    counted: str


class DnsServer(Datagrams):
    """Name server for the names of a world; `serve_dns` starts it.

    A failover name is a CNAME of the current regional name. A regional name has an A record with
    the region's address in `hosts`, instead of AWS's CNAME of an endpoint. `counted` counts the
    queries by answered region or by a code such as NXDOMAIN.
    """

    def __init__(self, world: World, hosts: Mapping[str, str], choices: Choices) -> None:
        super().__init__()
        self._zone, self._hosts = world.zone_name, hosts
        self._regions = {site.regional_name: site.region for site in world.sites}
        self._choices = choices
        self._frozen: Mapping[str, Record] | None = None
        self._known: Mapping[str, Record] = {}
        self._replies: dict[bytes, _Reply] = {}
        self.counted = Counter[str]()

    def freeze(self) -> None:
        """Keep the current answers, even if Route 53's records change."""
        self._frozen = self._choices()

    @property
    def is_frozen(self) -> bool:
        """Whether the answers are frozen."""
        return self._frozen is not None

    def thaw(self) -> None:
        """Answer with Route 53's current records again."""
        self._frozen = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a DNS query; ignore datagrams that are not queries."""
        choices = self._frozen or self._choices()
        if choices is not self._known or len(self._replies) > _MOST_KEPT:
            self._known = choices
            self._replies.clear()
        rest = data[ID_SIZE:]
        # All devices send the same query except for its id, so responses are cached without it.
        if rest not in self._replies:
            try:
                self._replies[rest] = self._reply(read_question(data))
            except DnsQueryError:
                return
        reply = self._replies[rest]
        self.counted[reply.counted] += 1
        if self.transport:
            self.transport.sendto(data[:ID_SIZE] + reply.rest, addr)

    def _reply(self, question: Question) -> _Reply:
        answer, counted = self._answer(question)
        return _Reply(encoded_response(question, answer)[ID_SIZE:], counted)

    def _answer(self, question: Question) -> tuple[DnsResponse, str]:
        name = question.name
        if not question.is_plain or not is_below(name, self._zone):
            return DnsResponse("REFUSED"), "REFUSED"
        if name not in self._known:
            code = "NOERROR" if name == self._zone else "NXDOMAIN"
            return DnsResponse(code), code
        record = self._known[name]
        region = self._regions.get(record.target) or self._regions.get(name)
        wanted = question.type in {"A", "ANY"}
        if name in self._regions:
            return DnsResponse("NOERROR", self._address(name) if wanted else ()), str(region)
        alias = (name, "CNAME", record.target, record.ttl or 0)
        behind = self._address(record.target) if wanted else ()
        return DnsResponse("NOERROR", (alias, *behind)), region or record.target

    def _address(self, name: str) -> tuple[tuple[str, str, str, int], ...]:
        """Return the A record of a regional name; empty for another name."""
        region = self._regions.get(name)
        if region is None:
            return ()
        ttl = self._known[name].ttl if name in self._known else None
        return ((name, "A", self._hosts[region], ttl or 0),)


@asynccontextmanager
async def serve_dns(
    world: World, hosts: Mapping[str, str], choices: Choices, address: tuple[str, int]
) -> AsyncGenerator[DnsServer]:
    """Serve DNS at an address and port; `hosts` are the regions' addresses.

    Raises DnsPortError if the port is in use.
    """
    server = DnsServer(world, hosts, choices)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(listening(server, address))
        except OSError as error:
            where = ":".join(map(str, address))
            message = (
                f"the name server cannot listen at {where}: {error.strerror}; run the drill again"
            )
            raise DnsPortError(message) from None
        yield server
