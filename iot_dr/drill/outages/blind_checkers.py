"""The Route 53 checkers of one AWS region have no network."""

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from modules.checker_regions import CHECKER_REGIONS


async def _begin(rig: Rig, _region: str) -> None:
    rig.route53.blind(CHECKER_REGIONS[0])


async def _end(rig: Rig, _region: str) -> None:
    rig.route53.unblind(CHECKER_REGIONS[0])


def _expects(_world: World, _region: str) -> Expectation:
    return Expectation(Effect.STAYS, "more than 18 % of the checkers still report healthy")


BLIND_CHECKERS = Outage(
    name="blind-checkers",
    title=f"the checkers in {CHECKER_REGIONS[0]} have no network",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
)
