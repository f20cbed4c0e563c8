"""How many changes a second reach another region, and their lag.

Two emulators behind HTTP, and the functions of both regions in processes of their own, as Lambda
loads them. This module transfers what AWS would: events, replication, and the table's stream.
"""

import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Final

from functions.registry.stamp import wall_clock
from iot_dr.operate.registry.region_rows import LagHistogram
from iot_dr.operate.registry.status import scan_rows
from tools.benchmarks.registry_fleet import SOURCE, TARGET, region
from tools.benchmarks.registry_site import LostError, Site

_SOME: Final = 8
# The share of the maximum rate of changes at which the lag is measured.
_PART: Final = 0.5
_LOOK: Final = 0.02
_MOST_SECONDS: Final = 3600


@dataclass(frozen=True)
class Path:
    """A number of changes, half of them in each region, and their arrival in the other one.

    `rate` is changes a second when all are made at once; the lags are seconds, of as many changes
    at half that rate.
    """

    changes: int
    rate: float
    p50: float
    p99: float


def walked(changes: int) -> Path:
    """Measure an even number of changes; raises LostError if one does not arrive."""
    with _sites() as sites:
        _come_over(sites, range(-_SOME, 0), 0)
        rate = changes / _come_over(sites, range(changes), 0)
        since = wall_clock()
        _come_over(sites, range(changes, 2 * changes), 1 / (_PART * rate))
        lags = _lags(sites, since)
    if lags.count != changes:
        raise LostError(f"{lags.count} lags of {changes} changes")
    p50, p99 = (lags.quantile(part) or 0 for part in (0.5, 0.99))
    sys.stderr.write(f"  {changes:,} changes: {rate:.1f} a second, {p50:.2f} s late\n")
    return Path(changes, rate, p50, p99)


@contextmanager
def _sites() -> Generator[tuple[Site, Site]]:
    stop = Event()
    with ExitStack() as stack:
        first, second = (Site(stack.enter_context(region(name, 0))) for name in (SOURCE, TARGET))
        pool = stack.enter_context(ThreadPoolExecutor(4))
        lanes = [
            pool.submit(lane, other, stop)
            for site, other in ((first, second), (second, first))
            for lane in (site.capture, site.apply)
        ]
        try:
            yield first, second
        finally:
            stop.set()
            for lane in lanes:
                lane.result()
            for site in (first, second):
                site.functions.end()


def _come_over(sites: tuple[Site, Site], numbers: range, pause: float) -> float:
    """Make changes in both regions in turn; return the seconds until all are in the other one.

    Raises LostError if a change is lost or takes more than an hour.
    """
    turns = [sites if number // 2 % 2 else sites[::-1] for number in numbers]
    for number, (site, other) in zip(numbers, turns, strict=True):
        if number % 2 == 0:
            site.furnish(number, other)
    before = sum(len(site.arrived) for site in sites)
    start = time.perf_counter()
    for made, (number, (site, _)) in enumerate(zip(numbers, turns, strict=True)):
        time.sleep(max(0.0, start + made * pause - time.perf_counter()))
        site.change(number)
    while sum(len(site.arrived) for site in sites) - before < len(numbers):
        if time.perf_counter() - start > _MOST_SECONDS or any(site.lost for site in sites):
            raise LostError(*(site.lost for site in sites))
        time.sleep(_LOOK)
    return time.perf_counter() - start


def _lags(sites: tuple[Site, Site], since: int) -> LagHistogram:
    lags = LagHistogram()
    for site in sites:
        name = site.here.name
        rows = scan_rows(site.here.log(), [name], since, wall_clock())
        lags.merge(rows.regions[name].lags)
    return lags
