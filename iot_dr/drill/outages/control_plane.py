"""The region fails and every AWS API refuses: failover must work without control planes."""

from dataclasses import replace

from iot_dr.drill.outages.expectation import AnswerReturn, Expectation
from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, lost_region_expectation
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World


async def _begin(rig: Rig, region: str) -> None:
    await rig.cloudwatch.stop()
    await kill(rig, region)


async def _end(rig: Rig, region: str) -> None:
    await start_again(rig, region)
    await rig.cloudwatch.start()


def _expects(world: World, region: str) -> Expectation:
    expected = lost_region_expectation(world, region)
    if expected.answer_return is AnswerReturn.LATCHED:
        # The watcher cannot put its metric, so the answer may return with the region.
        return replace(expected, answer_return=AnswerReturn.UNSPECIFIED)
    return expected


CONTROL_PLANE = Outage(
    name="control-plane",
    title="every process of the region is killed while every AWS API refuses calls",
    begin=_begin,
    end=_end,
    expects=_expects,
)
