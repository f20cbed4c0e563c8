"""The region hangs: the kernel accepts connections, but no process answers."""

from iot_dr.drill.outages.outage import Outage, needs_deep_check
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    rig.brokers[region].freeze()
    rig.servers[region].freeze()


async def _end(rig: Rig, region: str) -> None:
    rig.servers[region].resume()
    await rig.brokers[region].resume()


FREEZE = Outage(
    name="freeze",
    title="every process of the region is stopped (SIGSTOP)",
    begin=_begin,
    end=_end,
    expects=needs_deep_check,
)
