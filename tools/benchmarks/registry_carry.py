"""`iot-dr registry seed` and `diff`, and a plain boto3 loop that does the same in the same run."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final

from iot_dr.operate.registry.diff import Diff
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.entity_reconciler import EntityReconciler, RegionAccess
from iot_dr.operate.registry.ledger import ledger
from iot_dr.operate.registry.seed import Seed
from iot_dr.operate.registry.sites import RateLimit, ShadowCache
from tools.benchmarks import registry_loop
from tools.benchmarks.registry_fleet import SOURCE, TARGET, Region, put_fleet, region, write_down
from tools.benchmarks.target import Target

# No quota limits the emulator or the peer; with AWS's, both wait for the same ones.
_RATE: Final = 1_000_000.0
_SEED, _DIFF = Target(1.5), Target(5)


@dataclass(frozen=True)
class Carried:
    """Seconds of ours and of the peer in one run, and how many times faster ours is."""

    claim: str
    devices: int
    shadows: int
    ours: float
    peer: float
    ratio: float
    target: Target


class UnequalError(Exception):
    """The regions differ after a copy, so its time is meaningless."""


def carried(devices: int, round_trip: float) -> list[Carried]:
    """Copy a fleet, two of three devices with a shadow, into an empty region with each side."""
    shadows = devices * 2 // 3
    with ExitStack() as stack:
        source, target, other = (
            stack.enter_context(region(name, round_trip)) for name in (SOURCE, TARGET, TARGET)
        )
        put_fleet(source, devices, shadows)
        write_down(source)
        seed = _seconds("ours: copy", lambda: _seed(source, target))
        diff = _seconds("ours: compare", lambda: _equal(_diff, source, target))
        copied = _seconds("boto3: copy", lambda: registry_loop.copy(source, other))
        compared = _seconds("boto3: compare", lambda: _equal(registry_loop.compare, source, other))
    return [
        Carried("seed", devices, shadows, seed, copied, copied / seed, _SEED),
        Carried("diff", devices, shadows, diff, compared, compared / diff, _DIFF),
    ]


def _seconds(what: str, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    sys.stderr.write(f"  {what}: {seconds:.1f} s\n")
    return seconds


def _equal(compare: Callable[[Region, Region], bool], one: Region, other: Region) -> None:
    if not compare(one, other):
        raise UnequalError


def _reading(region: Region) -> EntityReader:
    for client in region.iot, region.iot_data:
        RateLimit(_RATE).attach(client)
    read_alone = replace(region, iot_data=ShadowCache(region.iot_data))
    return EntityReader(registry=read_alone.access())


def _seed(source: Region, target: Region) -> None:
    ends = [
        RegionAccess(region=end.name, access=end.access(), log=end.log())
        for end in (source, target)
    ]
    with ledger(None, {}) as book:
        seed = Seed(
            reconciler=EntityReconciler(source=ends[0], target=ends[1], by="benchmark"),
            ledger=book,
            source=_reading(source),
            target=_reading(target),
        )
        seed.run()
        if left := book.reasons(3):
            raise UnequalError(left)


def _diff(one: Region, other: Region) -> bool:
    readings = {each.name: _reading(each) for each in (one, other)}
    with ledger(None, {}) as book:
        return Diff(readings=readings, ledger=book).run().is_equal
