"""The region fails for an hour."""

from typing import Final

from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, lost_region_expectation

HOUR: Final = 3600.0

HOUR_LONG = Outage(
    name="hour",
    title="every process of the region is killed, and restarted after an hour",
    begin=kill,
    end=start_again,
    expects=lost_region_expectation,
    lasts=lambda _: HOUR,
)
