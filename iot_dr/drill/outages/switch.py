"""An operator switches the region away, and back: the region itself is well."""

from iot_dr.drill.expectation import Effect, Expectation
from iot_dr.drill.outage import Outage, detection_limit
from iot_dr.drill.rig import Rig
from iot_dr.drill.world.world import World


async def _begin(rig: Rig, region: str) -> None:
    await rig.switch(region, "away")


async def _end(rig: Rig, region: str) -> None:
    await rig.switch(region, "back")


def _expects(world: World, region: str) -> Expectation:
    if region == world.primary.region:
        return Expectation(
            Effect.UNHURT, "the answer moves; links that live stay until `iot-dr rotate` or a close"
        )
    return Expectation(Effect.STAYS, "no device is led to a standby")


SWITCH = Outage(
    name="switch",
    title="an operator switches the region away, and back",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
)
