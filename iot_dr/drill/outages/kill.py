"""The region's processes are killed: links close, and connects are refused."""

import asyncio

from iot_dr.drill.outages.outage import Outage, lost_region_expectation
from iot_dr.drill.rig.rig import Rig


async def kill(rig: Rig, region: str) -> None:
    """Kill the region's broker and HTTPS server with SIGKILL."""
    await rig.brokers[region].kill()
    await rig.servers[region].kill()


async def start_again(rig: Rig, region: str) -> None:
    """Start the region's HTTPS server and broker."""
    await asyncio.gather(rig.servers[region].start(), rig.brokers[region].start())


KILL = Outage(
    name="kill",
    title="every process of the region is killed",
    begin=kill,
    end=start_again,
    expects=lost_region_expectation,
)
