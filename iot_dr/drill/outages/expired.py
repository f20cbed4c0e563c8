"""The region serves an expired certificate: clients that verify it fail."""

from iot_dr.drill.outages.outage import Outage, needs_deep_check
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    await rig.servers[region].put_certificate(rig.expired)
    await rig.brokers[region].present(rig.expired)


async def _end(rig: Rig, region: str) -> None:
    await rig.brokers[region].present_own()
    await rig.servers[region].put_certificate(rig.valid)


EXPIRED = Outage(
    name="expired",
    title="the region restarts with an expired certificate",
    begin=_begin,
    end=_end,
    expects=needs_deep_check,
)
