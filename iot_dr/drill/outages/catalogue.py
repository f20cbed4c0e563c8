"""All kinds of outages by name."""

from typing import Final

from iot_dr.drill.outages.authorization import AUTHORIZATION
from iot_dr.drill.outages.blind_checkers import BLIND_CHECKERS
from iot_dr.drill.outages.both import BOTH
from iot_dr.drill.outages.canary import CANARY
from iot_dr.drill.outages.control_plane import CONTROL_PLANE
from iot_dr.drill.outages.device_policy import DEVICE_POLICY
from iot_dr.drill.outages.drop import DROP
from iot_dr.drill.outages.expired import EXPIRED
from iot_dr.drill.outages.flapping import FLAPPING
from iot_dr.drill.outages.freeze import FREEZE
from iot_dr.drill.outages.hour import HOUR_LONG
from iot_dr.drill.outages.kill import KILL
from iot_dr.drill.outages.lost_alarm_region import LOST_ALARM_REGION
from iot_dr.drill.outages.outage import Outage
from iot_dr.drill.outages.second_failure import SECOND_FAILURE
from iot_dr.drill.outages.slow import SLOW
from iot_dr.drill.outages.stale_dns import STALE_DNS
from iot_dr.drill.outages.switch import SWITCH

OUTAGES: Final[dict[str, Outage]] = {
    outage.name: outage
    for outage in (
        KILL,
        DROP,
        EXPIRED,
        SWITCH,
        FREEZE,
        AUTHORIZATION,
        DEVICE_POLICY,
        CANARY,
        SLOW,
        BLIND_CHECKERS,
        STALE_DNS,
        CONTROL_PLANE,
        BOTH,
        SECOND_FAILURE,
        LOST_ALARM_REGION,
        FLAPPING,
        HOUR_LONG,
    )
}

MONTHLY: Final = (KILL.name, DROP.name, EXPIRED.name, SWITCH.name)
"""The outages of the monthly drill."""
