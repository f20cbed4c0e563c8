"""The region's processes end at once: links close, and connects are refused."""

from iot_dr.drill.outages.outage import Outage, region_fails
from iot_dr.drill.rig.rig import Rig


async def kill(rig: Rig, region: str) -> None:
    """End the broker and what serves the region's HTTPS names, by SIGKILL."""
    await rig.brokers[region].kill()
    await rig.servers[region].kill()


async def start_again(rig: Rig, region: str) -> None:
    """Start them again."""
    await rig.servers[region].start()
    await rig.brokers[region].start()


KILL = Outage(
    name="kill",
    title="every process of the region is killed",
    begin=kill,
    end=start_again,
    expects=region_fails,
)
