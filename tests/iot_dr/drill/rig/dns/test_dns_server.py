"""The drill's name server, asked by dnspython."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import dns.asyncquery
import dns.message
import dns.rdataclass
import pytest
from dns.message import Message
from dns.rcode import NOERROR, NXDOMAIN, REFUSED
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.rig.addresses import Addresses, free_addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.dns_server import (
    DnsPortError,
    DnsQueryError,
    DnsServer,
    read_question,
    serve_dns,
)
from iot_dr.drill.rig.dns.resolver import CachingResolver
from iot_dr.drill.rig.dns.upstream import open_upstream
from iot_dr.drill.rig.world.world import World
from iot_dr.route53.record import Record
from tests.support.drill import in_loop
from tests.support.drill_worlds import world
from tests.support.settings import REGIONS, settings

ONE, TWO, THREE = REGIONS[:3]
DEVICE = "mqtt.iot-dev.example.com"
NESTED = "mqtt-standby-1.iot-dev.example.com"


def name_of(region: str) -> str:
    return f"mqtt-{region}.iot-dev.example.com"


@dataclass
class Zone:
    """A running name server, for a world in which some regions' checks may fail."""

    server: DnsServer
    addresses: Addresses
    world: World
    chosen: Mapping[str, Record] = field(default_factory=dict[str, Record])

    def fail(self, *regions: str) -> None:
        evaluation = self.world.evaluation
        states = {id_: each.region not in regions for id_, each in self.world.checks.items()}
        self.chosen = {name: evaluation.answer(name, states).record for name in evaluation.records}

    @property
    def where(self) -> tuple[str, int]:
        return self.addresses.dns, self.addresses.domain

    async def ask(self, query: Message) -> Message:
        return await dns.asyncquery.udp(query, self.where[0], port=self.where[1], timeout=60)

    async def answers(self, name: str, kind: str = "A") -> list[str]:
        answer = (await self.ask(dns.message.make_query(name, kind))).answer
        return [rrset.to_text() for rrset in answer]


@asynccontextmanager
async def zone(of: World) -> AsyncGenerator[Zone]:
    addresses = free_addresses(site.region for site in of.sites)
    made: list[Zone] = []
    where = (addresses.dns, addresses.domain)
    async with serve_dns(of, addresses.hosts, lambda: made[0].chosen, where) as server:
        made.append(Zone(server, addresses, of))
        made[0].fail()
        yield made[0]


def two_regions() -> World:
    return world(settings())


def three_regions() -> World:
    return world(settings(regions=list(REGIONS[:3])))


@in_loop
async def test_the_device_name_leads_to_the_regional_name_and_that_to_the_region() -> None:
    async with zone(two_regions()) as asked:
        assert await asked.answers(DEVICE) == [
            f"{DEVICE}. 60 IN CNAME {name_of(ONE)}.",
            f"{name_of(ONE)}. 60 IN A {asked.addresses.hosts[ONE]}",
        ]
        asked.fail(ONE)
        assert await asked.answers(DEVICE) == [
            f"{DEVICE}. 60 IN CNAME {name_of(TWO)}.",
            f"{name_of(TWO)}. 60 IN A {asked.addresses.hosts[TWO]}",
        ]
        assert asked.server.counted == {ONE: 1, TWO: 1}


@in_loop
async def test_the_ttl_of_each_record_is_that_of_the_terraform() -> None:
    of = two_regions()
    slow = [replace(each, ttl=3600 if each.side else 5) for each in of.records]
    async with zone(replace(of, records=tuple(slow))) as asked:
        assert [line.split()[1] for line in await asked.answers(DEVICE)] == ["3600", "5"]


@in_loop
async def test_an_alias_is_followed_without_being_seen() -> None:
    async with zone(three_regions()) as asked:
        asked.fail(ONE, TWO)
        for name in (DEVICE, NESTED):
            first, *_ = await asked.answers(name)
            assert first == f"{name}. 60 IN CNAME {name_of(THREE)}."
        asked.fail()
        first, *_ = await asked.answers(NESTED)
        assert first == f"{NESTED}. 60 IN CNAME {name_of(TWO)}."


@in_loop
async def test_a_regional_name_keeps_its_region() -> None:
    async with zone(two_regions()) as asked:
        asked.fail(ONE, TWO)
        assert await asked.answers(name_of(TWO)) == [
            f"{name_of(TWO)}. 60 IN A {asked.addresses.hosts[TWO]}"
        ]
        assert await asked.answers(name_of(TWO), "AAAA") == []
        assert await asked.answers(DEVICE, "CNAME") == [f"{DEVICE}. 60 IN CNAME {name_of(ONE)}."]
        assert asked.server.counted == {TWO: 2, ONE: 1}


@in_loop
async def test_other_names_are_distinguished() -> None:
    codes = {
        "nothing.iot-dev.example.com": NXDOMAIN,
        "iot-dev.example.com": NOERROR,
        "example.com": REFUSED,
        "xiot-dev.example.com": REFUSED,
        DEVICE.upper(): NOERROR,
    }
    async with zone(two_regions()) as asked:
        for name, code in codes.items():
            answer = await asked.ask(dns.message.make_query(name, "A"))
            assert answer.rcode() == code, name
            assert bool(answer.answer) == (name == DEVICE.upper())
        chaos = dns.message.make_query(DEVICE, "A", rdclass=dns.rdataclass.CH)
        assert (await asked.ask(chaos)).rcode() == REFUSED
        assert asked.server.counted == {"NXDOMAIN": 1, "NOERROR": 1, "REFUSED": 3, ONE: 1}


@in_loop
async def test_a_stale_server_goes_on_answering_what_it_did_until_it_is_repaired() -> None:
    async with zone(two_regions()) as asked:
        asked.server.freeze()
        asked.fail(ONE)
        assert (await asked.answers(DEVICE))[0].endswith(f"{name_of(ONE)}.")
        # This name was not asked before it froze, and yet it is as stale.
        assert (await asked.answers(DEVICE, "CNAME"))[0].endswith(f"{name_of(ONE)}.")
        asked.server.thaw()
        assert (await asked.answers(DEVICE))[0].endswith(f"{name_of(TWO)}.")


@in_loop
async def test_what_is_not_a_query_gets_no_answer_and_ends_nothing() -> None:
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    class Sender(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            del addr
            answers.put_nowait(data)

    async with zone(two_regions()) as asked:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Sender, remote_addr=asked.where)
        query = dns.message.make_query(DEVICE, "A")
        answer = dns.message.make_response(query)
        for noise in (b"", b"\0", bytes(12), b"\xc0\x0c" * 40, answer.to_wire()):
            transport.sendto(noise)
        transport.sendto(query.to_wire())
        # A server handles datagrams in turn: this is the only answer.
        assert dns.message.from_wire(await answers.get()).id == query.id
        assert answers.empty()
        transport.close()
        assert asked.server.counted == {ONE: 1}


@in_loop
async def test_two_thousand_devices_that_ask_at_once_all_get_their_answer() -> None:
    clock = RigClock(1)
    async with zone(two_regions()) as asked, open_upstream(asked.where, clock) as upstream:
        devices = [CachingResolver(upstream, clock) for _ in range(2000)]
        result = await asyncio.gather(*(each.resolve(DEVICE) for each in devices))
        assert set(result) == {asked.addresses.hosts[ONE]}
        assert asked.server.counted == {ONE: 2000}


@in_loop
async def test_a_port_that_is_taken_is_reported_in_a_sentence() -> None:
    async with zone(two_regions()) as asked:
        with pytest.raises(DnsPortError, match=r"cannot listen at 127\..*: Address already in use"):
            async with serve_dns(asked.world, {}, dict, asked.where):
                pass


def is_question_or_none(message: bytes) -> bool:
    try:
        question = read_question(message)
    except DnsQueryError:
        return True
    return question.name == question.name.lower()


@given(st.binary(max_size=80))
def test_any_octets_are_a_question_or_none(message: bytes) -> None:
    assert is_question_or_none(message)


@given(st.integers(0, 60), st.binary(max_size=4), st.binary(max_size=8))
def test_a_damaged_query_is_a_question_or_none(at: int, other: bytes, more: bytes) -> None:
    whole = dns.message.make_query(DEVICE, "A", use_edns=0).to_wire()
    assert is_question_or_none(whole[:at] + other + whole[at + len(other) :] + more)
