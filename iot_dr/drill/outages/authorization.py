"""Authorization is gone for all: devices and canary alike are refused."""

from iot_dr.drill.outages.outage import Outage, only_deep_sees
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    await rig.servers[region].refuse_all()
    await rig.brokers[region].refuse_all()
    # As in `device_policy`: links that are no longer allowed are closed.
    await rig.brokers[region].restart()


async def _end(rig: Rig, region: str) -> None:
    await rig.brokers[region].accept_all()
    await rig.servers[region].accept_all()


AUTHORIZATION = Outage(
    name="authorization",
    title="everyone is refused, devices and canary alike",
    begin=_begin,
    end=_end,
    expects=only_deep_sees,
)
