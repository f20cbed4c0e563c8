"""All packets to and from the region are dropped: links stay open and connects hang."""

from iot_dr.drill.outages.outage import Outage, expected_of_lost_region
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
    expects=expected_of_lost_region,
    needs_namespace=True,
)
