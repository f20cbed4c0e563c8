"""The region fails for an hour."""

from typing import Final

from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, region_fails

HOUR: Final = 3600.0

HOUR_LONG = Outage(
    name="hour",
    title="every process of the region is killed, and restarted after an hour",
    begin=kill,
    end=start_again,
    expects=region_fails,
    lasts=lambda _: HOUR,
)
