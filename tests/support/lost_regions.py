"""The tables of the page on failover about lost regions: what still works without one or two."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from functions.contract import switch_alarm_regions
from iot_dr.route53.failover_config import FailoverConfig
from tests.support.region_health import RegionHealth, answer

COUNTS: Final = (2, 3, 4, 5)
"""Numbers of regions."""

_MOST_LOST: Final = 2
GONE: Final = RegionHealth(deep=False, tcp=False)
_HEAD: Final = ("gone", "answer", "switches that work", "only away")


def lost_regions_table(count: int) -> str:
    """Return a Markdown table for `count` regions in failover order, with any one or two gone.

    A switch works if all of its alarm regions are left. With one of two alarm regions left it moves
    devices away, and back only if it was set while the other was gone, or with `back --without`.
    """
    regions = [str(number) for number in range(1, count + 1)]
    most = min(_MOST_LOST, count - 1)
    lost = [gone for number in range(1, most + 1) for gone in combinations(regions, number)]
    rows = [_HEAD, ("---",) * len(_HEAD), *(tuple(_row(regions, gone)) for gone in lost)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(regions: Sequence[str], gone: Sequence[str]) -> Iterator[str]:
    yield " and ".join(gone)
    config = FailoverConfig(order=tuple(regions))
    yield answer(config, dict.fromkeys(gone, GONE), frozenset()).leads_to
    left = {
        region: [
            alarm_region
            for alarm_region in switch_alarm_regions(regions, region)
            if alarm_region not in gone
        ]
        for region in regions
    }
    yield _listed(
        region
        for region in regions
        if len(left[region]) == len(switch_alarm_regions(regions, region))
    )
    yield _listed(
        region
        for region in regions
        if left[region] and len(left[region]) < len(switch_alarm_regions(regions, region))
    )


def _listed(regions: Iterator[str]) -> str:
    return ", ".join(regions) or "none"
