"""All packets to and from the region are dropped: links stay open and connects hang."""

from iot_dr.drill.outages.outage import Outage, lost_region_expectation
from iot_dr.drill.rig.namespace import drop_packets, pass_packets
from iot_dr.drill.rig.rig import Rig


async def _begin(rig: Rig, region: str) -> None:
    ports = (rig.addresses.mqtt, rig.addresses.https, rig.addresses.api)
    drop_packets(rig.addresses.hosts[region], ports)


async def _end(_rig: Rig, _region: str) -> None:
    pass_packets()


DROP = Outage(
    name="drop",
    title="all packets to and from the region are dropped",
    begin=_begin,
    end=_end,
    expects=lost_region_expectation,
    needs_namespace=True,
)
