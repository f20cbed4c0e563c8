"""The region fails and every AWS API refuses: failover must work without control planes."""

from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, region_fails
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    await rig.cloudwatch.stop()
    await kill(rig, region)


async def _end(rig: Rig, region: str) -> None:
    await start_again(rig, region)
    await rig.cloudwatch.start()


CONTROL_PLANE = Outage(
    name="control-plane",
    title="every process of the region is killed while every AWS API refuses calls",
    begin=_begin,
    end=_end,
    expects=region_fails,
)
