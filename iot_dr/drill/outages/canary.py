"""The canary fails while the broker works: a false alarm."""

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit, is_deep, moved_by_check
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World


async def _begin(rig: Rig, region: str) -> None:
    await rig.servers[region].fail_canary()


async def _end(rig: Rig, region: str) -> None:
    await rig.servers[region].restore_canary()


def _expects(world: World, region: str) -> Expectation:
    if region == world.primary.region and is_deep(world):
        why = "the answer moves, but open links do not follow DNS"
        return moved_by_check(world, Effect.UNHURT, why)
    return Expectation(Effect.STAYS, "no record depends on this region's canary")


def _unfit(world: World, region: str) -> str | None:
    if world.site(region).canary is None:
        return "this region has no canary"
    return None


CANARY = Outage(
    name="canary",
    title="the canary fails while the broker works",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
    reason_to_skip=_unfit,
)
