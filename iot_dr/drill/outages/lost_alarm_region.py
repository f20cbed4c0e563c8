"""An alarm region of the primary's switch is lost while the primary is switched away."""

from functions.contract import MOST_ALARM_REGIONS
from iot_dr.drill.outages.expectation import AnswerReturn, Effect, Expectation
from iot_dr.drill.outages.kill import kill
from iot_dr.drill.outages.outage import Outage, detection_limit, return_limit
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.failover_cause import FailoverCause


async def _begin(rig: Rig, region: str) -> None:
    await rig.switch(region, "away")
    # Both alarms are in ALARM by then, and devices go to the first standby.
    await rig.clock.sleep(detection_limit(rig.world))
    rig.lost_alarm_regions.add(_alarm_region(rig.world, region))
    await kill(rig, _alarm_region(rig.world, region))


async def _end(rig: Rig, region: str) -> None:
    """Switch back, which the lost alarm region does not accept, and then without it.

    The alarm region stays lost.
    """
    await rig.switch(region, "back")
    await rig.clock.sleep(return_limit(rig.world))
    await rig.switch(region, "back")
    rig.remove_lost_alarm_regions(region)


def _alarm_regions(world: World, region: str) -> list[str]:
    """Return the regions with an alarm of a region's switch, in failover order."""
    alarm_regions = {alarm.region for alarm in world.switches(region)}
    return [site.region for site in world.sites if site.region in alarm_regions]


def _alarm_region(world: World, region: str) -> str:
    """Return the last alarm region, since devices go to the first standby."""
    return _alarm_regions(world, region)[-1]


def _expects(_world: World, _region: str) -> Expectation:
    return Expectation(
        Effect.UNHURT,
        "the answer stays away until the alarm in the lost region is no longer evaluated",
        cause=FailoverCause.SWITCH,
        answer_return=AnswerReturn.WITHOUT,
    )


def _unfit(world: World, region: str) -> str | None:
    if region != world.primary.region:
        return "the primary is the region that is switched away"
    if len(_alarm_regions(world, region)) < MOST_ALARM_REGIONS:
        return "its switch has one alarm region; three regions have two"
    return None


LOST_ALARM_REGION = Outage(
    name="lost-keeper",
    title="an alarm region is killed while the primary is switched away; switch back without it",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
    reason_to_skip=_unfit,
)
