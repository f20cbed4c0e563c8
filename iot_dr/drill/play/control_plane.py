"""Alarms of switches and name servers, in the places of those of a rig."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from iot_dr.design.metric_alarms import MetricAlarm
from iot_dr.drill.rig.dns.route53 import Route53
from iot_dr.forecast.detection import EVALUATION_DELAY
from iot_dr.observe.switch.metric import Action
from iot_dr.route53.check import AlarmState


@dataclass(eq=False)
class SwitchAlarms:
    """The switches' alarms, as outages and Route 53 use them."""

    route53: Route53
    states: dict[str, AlarmState]
    is_stopped: bool = False

    async def stop(self) -> None:
        """Refuse every call to the API, as during an outage of CloudWatch."""
        self.is_stopped = True

    async def start(self) -> None:
        """Answer calls to the API again."""
        self.is_stopped = False

    def is_in_alarm(self, alarms: Iterable[MetricAlarm]) -> bool:
        """Whether any of these alarms is in ALARM."""
        return any(self.states[each.id] == "ALARM" for each in alarms)

    async def put(self, alarm_id: str, action: Action) -> None:
        """Put a switch's metric: its alarm follows after the minute."""
        state: AlarmState = "ALARM" if action == "away" else "OK"
        loop = asyncio.get_running_loop()
        loop.call_later(60 - loop.time() % 60 + EVALUATION_DELAY, self._set, alarm_id, state)

    def _set(self, alarm_id: str, state: AlarmState) -> None:
        self.states[alarm_id] = state
        self.route53.set_alarm(alarm_id, state)


@dataclass(eq=False)
class Dns:
    """The zone's name servers, which a drill can freeze."""

    route53: Route53
    frozen: str | None = None

    def freeze(self) -> None:
        """Answer as now."""
        self.frozen = self.route53.region

    def thaw(self) -> None:
        """Answer by Route 53's current records."""
        self.frozen = None
