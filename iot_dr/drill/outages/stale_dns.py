"""The region fails, and the name servers return the old answer for a while."""

from dataclasses import replace
from typing import Final

from iot_dr.drill.outages.expectation import Expectation
from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, lost_region_expectation
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World

STALE: Final = 150.0
"""Seconds of stale answers: longer than detection with an interval of 30 s and threshold 3."""


async def _begin(rig: Rig, region: str) -> None:
    rig.dns.freeze()
    rig.run_in_background(_thaw(rig))
    await kill(rig, region)


async def _thaw(rig: Rig) -> None:
    await rig.clock.sleep(STALE)
    rig.resume_dns()


async def _end(rig: Rig, region: str) -> None:
    rig.resume_dns()
    await start_again(rig, region)


def _expects(world: World, region: str) -> Expectation:
    return replace(lost_region_expectation(world, region), delay=STALE)


STALE_DNS = Outage(
    name="stale-dns",
    title=f"every process is killed, and DNS returns the old answer for {STALE:g} s",
    begin=_begin,
    end=_end,
    expects=_expects,
    delay=STALE,
)
