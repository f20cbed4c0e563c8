"""A device and what it sends."""

import asyncio
import random
import ssl
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.fleet.device import Device, DeviceContext, Outbox
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.logbook import Logbook, Sent
from iot_dr.drill.rig.addresses import free_addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.upstream import ResolveError

_ROUNDS = 12
_TLS = ssl.create_default_context()
_ADDRESSES = free_addresses(["eu-west-1"])

_STEPS = st.lists(st.sampled_from(["make", "send", "acknowledge"]), max_size=80)


class _NoTime(RigClock):
    """A clock whose sleeps take no time, are noted, and end in one that lasts for ever."""

    def __init__(self) -> None:
        super().__init__(1, 0)
        self.slept: list[float] = []
        self.is_over = asyncio.Event()

    def now(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        if len(self.slept) >= _ROUNDS:
            self.is_over.set()
            await asyncio.Event().wait()
        self.slept.append(seconds)


class _NoNames:
    async def resolve(self, name: str) -> str:
        raise ResolveError(f"{name} does not exist")


def _never(region: str, change: int) -> None:
    raise AssertionError(f"{region}: {change}")


def _waits(seed: str, habits: Habits) -> tuple[list[float], Logbook]:
    """Return how long a device waits between connects that all fail, and what it noted."""

    async def live() -> tuple[list[float], Logbook]:
        clock, logbook = _NoTime(), Logbook()
        around = DeviceContext(
            clock=clock,
            habits=habits,
            addresses=_ADDRESSES,
            environment="dev",
            name="mqtt.iot-dev.example.com",
            tls=_TLS,
        )
        draws = random.Random(seed)  # noqa: S311 - no secret
        device = Device(0, around, _NoNames(), draws, logbook, _never)
        life = asyncio.create_task(device.run())
        await clock.is_over.wait()
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        return clock.slept, logbook

    return asyncio.run(live())


def test_the_same_seed_draws_the_same() -> None:
    assert _waits("1/7", Habits())[0] == _waits("1/7", Habits())[0]
    assert _waits("1/7", Habits())[0] != _waits("1/8", Habits())[0]


@given(st.integers(0, 1000), st.floats(0.1, 5), st.floats(1, 60))
def test_waits_are_a_random_part_of_a_bound_that_doubles(
    seed: int, backoff: float, ceiling: float
) -> None:
    waits, logbook = _waits(f"{seed}/0", Habits(backoff=backoff, ceiling=ceiling, period=1e9))

    bounds = [min(ceiling, backoff * 2**failures) for failures in range(1, _ROUNDS + 1)]
    assert len(waits) == _ROUNDS
    assert all(0 <= wait <= bound for wait, bound in zip(waits, bounds, strict=True))
    assert len(logbook.attempts) == logbook.refusals.total() == _ROUNDS + 1
    assert all(one <= other for one, other in pairwise(logbook.attempts))


def _made(outbox: Outbox, count: int) -> None:
    for _ in range(count):
        outbox.make()
        outbox.trim()


def test_a_full_buffer_drops_the_oldest() -> None:
    sent = Sent()
    outbox = Outbox(2, sent)
    _made(outbox, 5)

    assert [number for _, number in outbox.take_buffered()] == [3, 4]
    assert (sent.created, sent.dropped) == (5, 3)


def test_what_is_under_way_takes_no_room_in_the_buffer() -> None:
    sent = Sent()
    outbox = Outbox(2, sent)
    _made(outbox, 2)
    outbox.take_buffered()
    _made(outbox, 2)

    assert sent.dropped == 0
    assert [number for _, number in outbox.under_way()] == [0, 1]


def test_an_acknowledged_message_is_not_sent_again() -> None:
    sent = Sent()
    outbox = Outbox(6, sent)
    _made(outbox, 3)
    first, second, third = outbox.take_buffered()
    outbox.acknowledge(second[0])
    outbox.acknowledge(second[0])

    assert outbox.under_way() == [first, third]
    assert sent.acknowledged == {1}


def test_ids_begin_again_where_mqtt_s_end() -> None:
    outbox = Outbox(70_000, Sent())
    _made(outbox, 65_536)
    pairs = outbox.take_buffered()

    assert pairs[0][0] == pairs[-1][0] == 1
    assert max(id_ for id_, _ in pairs) == 0xFFFF


@given(_STEPS, st.integers(0, 4))
def test_every_message_is_somewhere(steps: list[str], size: int) -> None:
    sent = Sent()
    outbox = Outbox(size, sent)
    for step in steps:
        if step == "make":
            _made(outbox, 1)
        elif step == "send":
            outbox.take_buffered()
        elif under_way := outbox.under_way():
            outbox.acknowledge(under_way[len(under_way) // 2][0])

    left = len(outbox.under_way()) + len(outbox.take_buffered())
    assert sent.created == sent.dropped + len(sent.acknowledged) + left
