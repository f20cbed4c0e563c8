"""Authorization fails for every client: devices and canary are refused."""

from iot_dr.drill.outages.outage import Outage, needs_deep_check
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    await rig.servers[region].refuse_all()
    await rig.brokers[region].refuse_all()


async def _end(rig: Rig, region: str) -> None:
    await rig.brokers[region].accept_all()
    await rig.servers[region].accept_all()


AUTHORIZATION = Outage(
    name="authorization",
    title="every client is refused, devices and canary",
    begin=_begin,
    end=_end,
    expects=needs_deep_check,
)
