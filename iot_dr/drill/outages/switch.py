"""An operator switches a healthy region away and back."""

from typing import Final

from iot_dr.drill.outages.expectation import AnswerReturn, Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.failover_cause import FailoverCause

WITHOUT_DATA: Final = 600.0
"""Seconds without new data in which the switch must stay set.

Long enough for an alarm of one period of a minute to change its state without data.
"""


async def _begin(rig: Rig, region: str) -> None:
    await rig.switch(region, "away")


async def _end(rig: Rig, region: str) -> None:
    await rig.switch(region, "back")


def _expects(world: World, region: str) -> Expectation:
    if region == world.primary.region:
        return Expectation(
            Effect.UNHURT,
            "the answer moves; open links stay until they close",
            cause=FailoverCause.SWITCH,
            answer_return=AnswerReturn.SWITCH,
        )
    return Expectation(Effect.STAYS, "no device uses a standby")


def _lasts(world: World) -> float:
    return detection_limit(world) + WITHOUT_DATA


def _unfit(world: World, region: str) -> str | None:
    return None if world.switches(region) else "no record depends on this region's switch"


SWITCH = Outage(
    name="switch",
    title="an operator switches the region away and back",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=_lasts,
    reason_to_skip=_unfit,
)
