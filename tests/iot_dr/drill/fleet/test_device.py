import asyncio
import random
import ssl
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.addresses import free_addresses
from iot_dr.drill.clock import Clock
from iot_dr.drill.dns.upstream import ResolveError
from iot_dr.drill.fleet.device import Device
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.fleet.surroundings import Surroundings

_ROUNDS = 12
_TLS = ssl.create_default_context()
_ADDRESSES = free_addresses(["eu-west-1"])


class _NoTime(Clock):
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
    """Give how long a device waits between connects that all fail, and what it noted."""

    async def live() -> tuple[list[float], Logbook]:
        clock, logbook = _NoTime(), Logbook()
        around = Surroundings(
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
