"""A keeper of the primary's switch is lost while the primary is switched away."""

from functions.contract import MOST_KEEPERS
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
    rig.lost_keepers.add(_keeper(rig.world, region))
    await kill(rig, _keeper(rig.world, region))


async def _end(rig: Rig, region: str) -> None:
    """Switch back, which the lost keeper does not accept, and then without it.

    The keeper stays lost.
    """
    await rig.switch(region, "back")
    await rig.clock.sleep(return_limit(rig.world))
    await rig.switch(region, "back")
    rig.remove_lost_keepers(region)


def _keepers(world: World, region: str) -> list[str]:
    """Return the regions with an alarm of a region's switch, in failover order."""
    keepers = {alarm.region for alarm in world.switches(region)}
    return [site.region for site in world.sites if site.region in keepers]


def _keeper(world: World, region: str) -> str:
    """Return the last keeper, since devices go to the first standby."""
    return _keepers(world, region)[-1]


def _expects(_world: World, _region: str) -> Expectation:
    return Expectation(
        Effect.UNHURT,
        "the answer stays away until the alarm of the lost keeper is no longer evaluated",
        cause=FailoverCause.SWITCH,
        answer_return=AnswerReturn.WITHOUT,
    )


def _unfit(world: World, region: str) -> str | None:
    if region != world.primary.region:
        return "the primary is the region that is switched away"
    if len(_keepers(world, region)) < MOST_KEEPERS:
        return "its switch has one keeper; three regions have two"
    return None


LOST_KEEPER = Outage(
    name="lost-keeper",
    title="a keeper is killed while the primary is switched away; switch back without it",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
    reason_to_skip=_unfit,
)
