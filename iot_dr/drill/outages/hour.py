"""The region fails for an hour."""

from typing import Final

from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage, expected_of_lost_region

HOUR: Final = 3600.0

HOUR_LONG = Outage(
    name="hour",
    title="every process of the region is killed, and restarted after an hour",
    begin=kill,
    end=start_again,
    expects=expected_of_lost_region,
    lasts=lambda _: HOUR,
)
