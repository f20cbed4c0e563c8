"""The authoritative name server of the drill, and the messages that it reads and writes."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import dnslib

from iot_dr.common.user_error import UserError
from iot_dr.drill.rig.dns.datagrams import Datagrams, listening
from iot_dr.drill.rig.world.world import World
from iot_dr.route53.record import Record
from iot_dr.terraform_json.dns_name import dns_name, is_below

_ID: Final = 2
"""How many octets of a message are the number that tells which answer is to which query."""

_MOST_KEPT: Final = 4096

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
class Response:
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


def written(question: Question, answer: Response) -> bytes:
    """Write an answer to a question."""
    reply = question.query.reply(ra=0, aa=int(answer.code != "REFUSED"))
    reply.header.rcode = getattr(_DNS.RCODE, answer.code)
    for owner, type_, value, ttl in answer.records:
        data = getattr(_DNS, type_)(value)
        kind = getattr(_DNS.QTYPE, type_)
        reply.add_answer(_DNS.RR(owner, kind, ttl=ttl, rdata=data))
    return reply.pack()


Choices = Callable[[], Mapping[str, Record]]
"""Gives the record that each name leads to now, in a new mapping once one has changed."""


class DnsPortError(UserError):
    """The name server's address and port are taken."""


class _Reply(NamedTuple):
    rest: bytes
    counted: str


class DnsServer(Datagrams):
    """Answers for the names of a world; `serve_dns` starts it.

    A name that fails over is a CNAME of the regional name that it leads to now. A regional name has
    the address of its region in `hosts`, where AWS has a CNAME of its own endpoint. `counted` are
    the queries so far by what they were told: the region, or a code such as NXDOMAIN.
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
        """Go on answering what is answered now, whatever Route 53 holds from here on."""
        self._frozen = self._choices()

    @property
    def is_frozen(self) -> bool:
        """Whether it tells what it told."""
        return self._frozen is not None

    def thaw(self) -> None:
        """Response again what Route 53 holds."""
        self._frozen = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Response a query; what is none is passed over."""
        choices = self._frozen or self._choices()
        if choices is not self._known or len(self._replies) > _MOST_KEPT:
            self._known = choices
            self._replies.clear()
        rest = data[_ID:]
        # Devices all ask the same: but for its number a query is answered once for all of them.
        if rest not in self._replies:
            try:
                self._replies[rest] = self._reply(read_question(data))
            except WireError:
                return
        reply = self._replies[rest]
        self.counted[reply.counted] += 1
        if self.transport:
            self.transport.sendto(data[:_ID] + reply.rest, addr)

    def _reply(self, question: Question) -> _Reply:
        answer, counted = self._answer(question)
        return _Reply(written(question, answer)[_ID:], counted)

    def _answer(self, question: Question) -> tuple[Response, str]:
        name = question.name
        if not question.is_plain or not is_below(name, self._zone):
            return Response("REFUSED"), "REFUSED"
        if name not in self._known:
            code = "NOERROR" if name == self._zone else "NXDOMAIN"
            return Response(code), code
        record = self._known[name]
        region = self._regions.get(record.target) or self._regions.get(name)
        wanted = question.type in {"A", "ANY"}
        if name in self._regions:
            return Response("NOERROR", self._address(name) if wanted else ()), str(region)
        alias = (name, "CNAME", record.target, record.ttl or 0)
        behind = self._address(record.target) if wanted else ()
        return Response("NOERROR", (alias, *behind)), region or record.target

    def _address(self, name: str) -> tuple[tuple[str, str, str, int], ...]:
        """Return the A record of a regional name, none for another."""
        region = self._regions.get(name)
        if region is None:
            return ()
        ttl = self._known[name].ttl if name in self._known else None
        return ((name, "A", self._hosts[region], ttl or 0),)


@asynccontextmanager
async def serve_dns(
    world: World, hosts: Mapping[str, str], choices: Choices, address: tuple[str, int]
) -> AsyncGenerator[DnsServer]:
    """Serve at an address and port; `hosts` are the regions' addresses.

    Raises DnsPortError where it is taken.
    """
    server = DnsServer(world, hosts, choices)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(listening(server, address))
        except OSError as error:
            where = ":".join(map(str, address))
            message = f"the name server cannot listen at {where}: {error.strerror}; start anew"
            raise DnsPortError(message) from None
        yield server
