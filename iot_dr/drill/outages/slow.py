"""The region has high latency and low bandwidth."""

from typing import Final

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit, is_deep, moved_by_check
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World

LATENCY: Final = 1.5
"""Seconds in each direction: more than the canary's time limit, less than the devices'."""

RATE: Final = 2000.0
"""Bytes per second of each connection."""


async def _begin(rig: Rig, region: str) -> None:
    await rig.servers[region].slow(LATENCY)
    rig.relays[region].latency, rig.relays[region].rate = LATENCY, RATE


async def _end(rig: Rig, region: str) -> None:
    rig.relays[region].latency, rig.relays[region].rate = 0.0, None
    await rig.servers[region].slow(0)


def _expects(world: World, region: str) -> Expectation:
    if region == world.primary.region and is_deep(world):
        why = "the canary times out and the answer moves, but open links stay"
        return moved_by_check(world, Effect.UNHURT, why)
    return Expectation(Effect.STAYS, "a TCP check connects in time")


SLOW = Outage(
    name="slow",
    title=f"the region is slow: {LATENCY:g} s latency in each direction, {RATE:g} bytes per second",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
    needs_relay=True,
)
