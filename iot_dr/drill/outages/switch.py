"""An operator switches a healthy region away and back."""

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World


async def _begin(rig: Rig, region: str) -> None:
    await rig.switch(region, "away")


async def _end(rig: Rig, region: str) -> None:
    await rig.switch(region, "back")


def _expects(world: World, region: str) -> Expectation:
    if region == world.primary.region:
        return Expectation(Effect.UNHURT, "the answer moves; open links stay until they close")
    return Expectation(Effect.STAYS, "no device uses a standby")


def _unfit(world: World, region: str) -> str | None:
    if any(alarm.dimensions.get("Region") == region for alarm in world.alarms.values()):
        return None
    return "no record depends on this region's switch"


SWITCH = Outage(
    name="switch",
    title="an operator switches the region away and back",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
    reason_to_skip=_unfit,
)
