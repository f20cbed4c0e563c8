"""Resolvers of devices, against the drill's name server over UDP."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import dns.message
import dns.rrset
import pytest
from dns.rcode import NXDOMAIN, SERVFAIL, Rcode

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.datagrams import Datagrams, listening
from iot_dr.drill.rig.dns.resolver import CachingResolver
from iot_dr.drill.rig.dns.upstream import ResolveError, Upstream, open_upstream
from tests.support.drill import in_loop

DEVICE = "mqtt.example.com"
WEST, EAST = "mqtt-west.example.com", "mqtt-east.example.com"
ADDRESSES = {WEST: "127.0.0.11", EAST: "127.0.0.12"}
TTL = 60
# Five seconds pass in 20 ms.
FAST = 250


class HandClock(RigClock):
    """A clock that a test moves by hand; what sleeps wakes once its time has come."""

    def __init__(self) -> None:
        super().__init__(1)
        self._now = 0.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._now + seconds, woken))
        await woken

    @property
    def sleepers(self) -> int:
        return len(self._sleeping)

    def pass_by(self, seconds: float) -> None:
        self._now += seconds
        for time, woken in self._sleeping:
            if time <= self._now and not woken.done():
                woken.set_result(None)
        self._sleeping = [each for each in self._sleeping if not each[1].done()]


class Names(Datagrams):
    """A name server that does as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.target, self.ttl = WEST, TTL
        self.code: Rcode | None = None
        self.loses = 0
        self.noise: Callable[[bytes], bytes] | None = None
        self.asked = Counter[str]()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self.transport
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text(omit_final_dot=True)
        self.asked[name] += 1
        if self.loses:
            self.loses -= 1
            return
        if self.noise:
            self.transport.sendto(self.noise(data), addr)
        answer = dns.message.make_response(query)
        if self.code is not None:
            answer.set_rcode(self.code)
        else:
            alias = [(DEVICE, "CNAME", f"{self.target}.")] if name == DEVICE else []
            owner = self.target if name == DEVICE else name
            for record_name, kind, value in [*alias, (owner, "A", ADDRESSES[owner])]:
                rrset = dns.rrset.from_text(f"{record_name}.", self.ttl, "IN", kind, value)
                answer.answer.append(rrset)
        self.transport.sendto(answer.to_wire(), addr)


@dataclass
class Bench:
    """A name server, the socket that asks it, and the clock of those who ask."""

    names: Names
    upstream: Upstream
    clock: HandClock

    def resolver(self) -> CachingResolver:
        return CachingResolver(self.upstream, self.clock)


@asynccontextmanager
async def bench() -> AsyncGenerator[Bench]:
    clock = HandClock()
    async with listening(Names(), ("127.0.0.1", 0)) as names:
        assert names.transport
        server = names.transport.get_extra_info("sockname")
        async with open_upstream(server, clock) as upstream:
            yield Bench(names, upstream, clock)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secret


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; a test's own limit ends what never does."""
    while not holds():
        await asyncio.sleep(0.001)


@in_loop
async def test_an_answer_is_kept_for_its_ttl_and_no_longer() -> None:
    async with bench() as at:
        resolver = at.resolver()
        assert await resolver.resolve(DEVICE) == ADDRESSES[WEST]
        at.names.target = EAST
        at.clock.pass_by(TTL - 0.1)
        assert await resolver.resolve(DEVICE.upper()) == ADDRESSES[WEST]
        assert at.names.asked == {DEVICE: 1}
        at.clock.pass_by(0.1)
        assert await resolver.resolve(DEVICE) == ADDRESSES[EAST]
        assert at.names.asked == {DEVICE: 2}


@in_loop
async def test_a_name_is_kept_longer_than_the_address_that_it_leads_to() -> None:
    async with bench() as at:
        resolver = at.resolver()
        at.names.ttl = 3600
        await resolver.resolve(DEVICE)
        at.names.ttl, at.names.target = TTL, EAST
        at.clock.pass_by(3599)
        assert await resolver.resolve(WEST) == ADDRESSES[WEST]
        at.clock.pass_by(1)
        assert await resolver.resolve(WEST) == ADDRESSES[WEST]
        assert at.names.asked == {DEVICE: 1, WEST: 1}
        assert await resolver.resolve(DEVICE) == ADDRESSES[EAST]


@in_loop
async def test_an_answer_with_a_ttl_of_0_is_used_once() -> None:
    async with bench() as at:
        at.names.ttl = 0
        resolver = at.resolver()
        for _ in range(3):
            assert await resolver.resolve(DEVICE) == ADDRESSES[WEST]
        assert at.names.asked == {DEVICE: 3}


@in_loop
async def test_of_many_devices_behind_one_resolver_one_asks() -> None:
    async with bench() as at:
        resolver = at.resolver()
        result = await asyncio.gather(*(resolver.resolve(DEVICE) for _ in range(500)))
        assert set(result) == {ADDRESSES[WEST]}
        assert at.names.asked == {DEVICE: 1}


@in_loop
async def test_a_device_that_gives_up_waiting_leaves_the_others_their_answer() -> None:
    async with bench() as at:
        resolver = at.resolver()
        first = asyncio.create_task(resolver.resolve(DEVICE))
        second = asyncio.create_task(resolver.resolve(DEVICE))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ADDRESSES[WEST]
        assert at.names.asked == {DEVICE: 1}


@in_loop
async def test_a_lost_question_is_asked_again_after_five_seconds() -> None:
    async with bench() as at:
        at.names.loses, at.clock.speed = 1, FAST
        asking = asyncio.create_task(at.resolver().resolve(DEVICE))
        await until(lambda: at.names.asked[DEVICE] == 1)
        at.clock.speed = 1
        assert await asking == ADDRESSES[WEST]
        assert at.names.asked == {DEVICE: 2}


@in_loop
async def test_a_silent_name_server_is_given_up_and_asked_again_by_the_next() -> None:
    async with bench() as at:
        at.names.loses, at.clock.speed = 4, FAST
        resolver = at.resolver()
        with pytest.raises(ResolveError, match=f"no name server answered for {DEVICE}"):
            await resolver.resolve(DEVICE)
        assert at.names.asked == {DEVICE: 4}
        at.clock.speed = 1
        assert await resolver.resolve(DEVICE) == ADDRESSES[WEST]


@in_loop
async def test_a_name_that_is_not_there_is_reported_at_once() -> None:
    async with bench() as at:
        at.names.code = NXDOMAIN
        with pytest.raises(ResolveError, match="NXDOMAIN"):
            await at.resolver().resolve(DEVICE)
        at.names.code = None
        with pytest.raises(ResolveError, match="is not a domain name"):
            await at.resolver().resolve("a..b")


@in_loop
async def test_a_server_that_fails_is_asked_again() -> None:
    async with bench() as at:
        at.names.code, at.clock.speed = SERVFAIL, FAST
        with pytest.raises(ResolveError, match="no name server answered"):
            await at.resolver().resolve(DEVICE)
        assert at.names.asked[DEVICE] == 4


@in_loop
async def test_what_answers_no_question_of_ours_is_ignored() -> None:
    def other(query: bytes) -> bytes:
        return (
            query[:2]
            + dns.message.make_response(
                dns.message.make_query(
                    "other.example.com", "A", id=int.from_bytes(query[:2], "big")
                )
            ).to_wire()[2:]
        )

    async with bench() as at:
        noises: list[Callable[[bytes], bytes]] = [
            lambda _: b"",
            lambda query: query[:2],
            lambda query: query,
            lambda query: query[:2] + b"\xff" * 20,
            other,
        ]
        for noise in noises:
            at.names.noise = noise
            assert await at.resolver().resolve(DEVICE) == ADDRESSES[WEST]


@in_loop
async def test_an_answer_of_somebody_else_is_ignored() -> None:
    async with bench() as at, listening(Names(), ("127.0.0.1", 0)) as stranger:
        assert at.names.transport
        assert stranger.transport
        real, at.names.transport = at.names.transport, stranger.transport
        asking = asyncio.create_task(at.resolver().resolve(DEVICE))
        await until(lambda: at.names.asked[DEVICE] == 1)
        at.names.transport = real
        # What the server says after it comes after it.
        assert await at.resolver().resolve(DEVICE) == ADDRESSES[WEST]
        assert not asking.done()
        asking.cancel()


@in_loop
async def test_whoever_still_waits_when_the_socket_is_closed_is_reported() -> None:
    async with bench() as at:
        at.names.loses = 10
        asking = asyncio.create_task(at.resolver().resolve(DEVICE))
        await until(lambda: at.names.asked[DEVICE] == 1)
    with pytest.raises(ResolveError, match="the socket was closed"):
        await asking
    with pytest.raises(ResolveError, match="the socket is closed"):
        await at.resolver().resolve(DEVICE)


@in_loop
async def test_a_warm_resolver_asks_whenever_its_answer_expires() -> None:
    async with bench() as at:
        resolver = at.resolver()
        warm = asyncio.create_task(resolver.keep_warm(DEVICE, seeded(1)))
        await until(lambda: at.clock.sleepers == 1)
        at.names.target = EAST
        at.clock.pass_by(TTL)
        await until(lambda: at.clock.sleepers == 1)
        # Nobody has asked the resolver so far.
        assert at.names.asked == {DEVICE: 2}
        at.clock.pass_by(TTL / 2)
        assert await resolver.resolve(DEVICE) == ADDRESSES[EAST]
        assert at.names.asked == {DEVICE: 2}
        at.clock.pass_by(TTL / 2)
        await until(lambda: at.clock.sleepers == 1)
        assert at.names.asked == {DEVICE: 3}
        warm.cancel()


@in_loop
async def test_warm_resolvers_have_each_a_phase_of_their_own() -> None:
    async with bench() as at:
        phases = seeded(7)
        resolvers = [at.resolver() for _ in range(100)]
        warm = [asyncio.create_task(each.keep_warm(DEVICE, phases)) for each in resolvers]
        await until(lambda: at.clock.sleepers == len(resolvers))
        at.names.target = EAST
        at.clock.pass_by(TTL / 2)
        await until(lambda: at.clock.sleepers == len(resolvers))
        result = Counter([await each.resolve(DEVICE) for each in resolvers])
        assert 35 <= result[ADDRESSES[EAST]] <= 65
        for resolver in warm:
            resolver.cancel()


@in_loop
async def test_a_warm_resolver_lives_through_a_silent_name_server() -> None:
    async with bench() as at:
        at.names.loses, at.clock.speed = 4, FAST
        warm = asyncio.create_task(at.resolver().keep_warm(DEVICE, seeded(1)))
        await until(lambda: at.clock.sleepers == 1)
        at.clock.speed = 1
        at.clock.pass_by(1)
        await until(lambda: at.names.asked[DEVICE] == 5)
        await until(lambda: at.clock.sleepers == 1)
        assert not warm.done()
        warm.cancel()
