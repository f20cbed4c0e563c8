"""DNS client that many resolvers share, with one socket."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Final, NamedTuple

import dns.message
from dns.exception import DNSException
from dns.flags import QR
from dns.message import Message
from dns.name import Name
from dns.rcode import NOERROR, SERVFAIL, Rcode
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.IN.A import A

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.datagrams import ID_SIZE, Datagrams, listening
from iot_dr.terraform_json.dns_name import dns_name

_WAIT: Final = 5.0
_RETRIES: Final = 3
_NUMBERS: Final = 1 << 16


class ResolveError(Exception):
    """A name has no address, or no name server answered."""


class AnswerRecord(NamedTuple):
    """A record of an answer: A (`is_address`) or CNAME of `owner`; `ttl` in seconds."""

    owner: str
    is_address: bool
    value: str
    ttl: int


class Upstream(Datagrams):
    """DNS client of one name server; `open_upstream` creates it."""

    def __init__(self, server: tuple[str, int], clock: RigClock) -> None:
        super().__init__()
        self._server, self._clock = server, clock
        self._waiting: dict[int, tuple[str, asyncio.Future[tuple[AnswerRecord, ...]]]] = {}
        self._last = secrets.randbelow(_NUMBERS)

    async def query(self, name: str) -> tuple[AnswerRecord, ...]:
        """Query the A records of a name; retries 3 times, every 5 rehearsed seconds.

        Raises ResolveError if the name is invalid or does not exist, no answer arrives, or the
        socket is closed.
        """
        for _ in range(1 + _RETRIES):
            try:
                async with asyncio.timeout(self._clock.wall(_WAIT)):
                    return await self._ask_once(name)
            except TimeoutError:
                continue
        raise ResolveError(f"no name server answered for {name}")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Pass an answer to its query; ignore other datagrams, and SERVFAIL, which is retried."""
        number = int.from_bytes(data[:ID_SIZE], "big")
        if addr[:2] != self._server or number not in self._waiting:
            return
        name, answer = self._waiting[number]
        try:
            question, code, rows = _read(data[ID_SIZE:])
        except DNSException:
            return
        if question != name or answer.done():
            return
        if code == NOERROR:
            answer.set_result(rows)
        elif code != SERVFAIL:
            answer.set_exception(ResolveError(f"{name}: {code.name}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail all pending queries."""
        super().connection_lost(exc)
        for name, answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ResolveError(f"{name}: {exc or 'the socket was closed'}"))

    async def _ask_once(self, name: str) -> tuple[AnswerRecord, ...]:
        if self.transport is None or len(self._waiting) >= _NUMBERS:
            raise ResolveError(f"{name}: the socket is closed or has too many pending queries")
        while self._last in self._waiting:
            self._last = (self._last + 1) % _NUMBERS
        number = self._last
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = (name, answer)
        try:
            self.transport.sendto(number.to_bytes(ID_SIZE, "big") + _question(name), self._server)
            return await answer
        finally:
            del self._waiting[number]
            self._last = (number + 1) % _NUMBERS


@asynccontextmanager
async def open_upstream(server: tuple[str, int], clock: RigClock) -> AsyncGenerator[Upstream]:
    """Open a socket to the name server at an address and port of this machine.

    Raises OSError without a free socket.
    """
    async with listening(Upstream(server, clock), ("127.0.0.1", 0)) as upstream:
        yield upstream


@lru_cache(maxsize=1024)
def _question(name: str) -> bytes:
    """Return an encoded query without its id; raises ResolveError for an invalid name."""
    try:
        return dns.message.make_query(name, "A").to_wire()[ID_SIZE:]
    except DNSException as error:
        raise ResolveError(f"{name!r} is not a domain name: {error}") from None


@lru_cache(maxsize=1024)
def _read(rest: bytes) -> tuple[str, Rcode, tuple[AnswerRecord, ...]]:
    """Parse an answer without its id, cached for all devices; raises DNSException."""
    message = dns.message.from_wire(bytes(ID_SIZE) + rest)
    is_answer = message.flags & QR and len(message.question) == 1
    if not is_answer:
        raise DNSException("not a response with one question")
    return _name(message.question[0].name), message.rcode(), tuple(_rows(message))


def _rows(message: Message) -> Iterator[AnswerRecord]:
    for rrset in message.answer:
        owner = _name(rrset.name)
        for data in rrset:  # pyrefly: ignore[unknown-variable-type] - it has no type there
            if isinstance(data, A):
                yield AnswerRecord(owner, is_address=True, value=data.address, ttl=rrset.ttl)
            elif isinstance(data, CNAME):
                yield AnswerRecord(owner, is_address=False, value=_name(data.target), ttl=rrset.ttl)


def _name(name: Name) -> str:
    return dns_name(name.to_text())
