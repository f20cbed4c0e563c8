"""The region hangs: the kernel still accepts connections, and nobody answers them."""

from iot_dr.drill.outages.outage import Outage, only_deep_sees
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    rig.brokers[region].freeze()
    rig.servers[region].freeze()


async def _end(rig: Rig, region: str) -> None:
    rig.servers[region].resume()
    rig.brokers[region].resume()


FREEZE = Outage(
    name="freeze",
    title="every process of the region is stopped (SIGSTOP)",
    begin=_begin,
    end=_end,
    expects=only_deep_sees,
)
