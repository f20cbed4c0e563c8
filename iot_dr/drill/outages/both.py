"""Every region fails at the same time, and recovers."""

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, detection_limit
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World


async def _begin(rig: Rig, _region: str) -> None:
    for site in rig.world.sites:
        await kill(rig, site.region)


async def _end(rig: Rig, _region: str) -> None:
    for site in rig.world.sites:
        await start_again(rig, site.region)


def _expects(_world: World, _region: str) -> Expectation:
    # docs.aws.amazon.com/Route53/latest/DeveloperGuide/
    # health-checks-how-route-53-chooses-records.html
    return Expectation(Effect.RETURNS, "with no healthy region Route 53 answers with the primary")


BOTH = Outage(
    name="both",
    title="every process of every region is killed, and restarted later",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
)
