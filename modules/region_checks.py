"""The health checks of one region, its switch, and their alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import MQTT_PORT
from modules.alarm import Alarm, AlarmInputs
from modules.calculated_health_check import CalculatedHealthCheck, CalculatedHealthCheckInputs
from modules.context import Context
from modules.entry_point import EntryRegion
from modules.monitoring_names import check_name
from modules.number import Number
from modules.switch import Switch, SwitchInputs
from modules.switch_slots import switch_alarm_slot, switch_slot
from modules.tcp_health_check import TcpHealthCheck, TcpHealthCheckInputs
from modules.watcher import WatchedRegion

# Kinds of the checks of a region's switch, with the suffix of their logical ids: a platform whose
# switches had one alarm region keeps its first check.
_SWITCHES = {"switch": "", "switch_second": "_second"}


@dataclass(frozen=True, kw_only=True)
class CheckedRegion:
    """A region, its regional name, and its resources that checks and switches use.

    `slot` is part of logical ids. `deep_check_id` is None if regions are checked by TCP only.
    `provider` and `topic_arn` are the region's own, for the switch that it keeps for another
    region.
    """

    provider: AwsProvider
    region: str
    slot: str
    regional_name: str
    deep_check_id: str | None
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class RegionChecksInputs:
    """The region to check, the alarm regions of its switch, and the checks' interval and threshold.

    `provider` is that of `GLOBAL_REGION`, and `topic_arn` a topic there; `interval` is in seconds;
    `port` is that of the TCP check.
    """

    provider: AwsProvider
    context: Context
    checked: CheckedRegion
    alarm_regions: Sequence[CheckedRegion]
    interval: Number
    threshold: Number
    topic_arn: str
    port: Number = MQTT_PORT


class RegionChecks:
    """The health checks of one region, in the entry point's state.

    The primary's record uses the deep check, a standby's the TCP check, each combined with the
    switch; the last standby's uses the TCP check alone (ADR 0012). All checks exist at every
    position of the region, so a change of primary changes only records.
    """

    def __init__(self, scope: Construct, inputs: RegionChecksInputs) -> None:
        self._scope = scope
        self._inputs = inputs
        self._checked = inputs.checked
        name = self._checked.regional_name
        tcp = self._tcp()
        switches = self._switches()
        self._page("tcp", tcp, f"Nothing answers on port {inputs.port} of {name}")
        standby = self._both("calculated_tcp", tcp, *switches.values())
        deep = self._deep(*switches.values())
        self.ids = {"tcp": tcp, **switches, "calculated_tcp": standby, **deep}
        """The ids of the region's checks by kind."""
        self.watched = WatchedRegion(self._checked.region, name, check_id=tcp)
        """The region's entry for `Watcher`."""
        self.outputs = EntryRegion(
            regional_name=name,
            primary_check_id=deep.get("calculated_deep", standby),
            standby_check_id=standby,
            last_check_id=tcp,
        )

    def _deep(self, *switches: str) -> dict[str, str]:
        deep = self._checked.deep_check_id
        if deep is None:
            return {}
        self._page("deep", deep, f"No message goes through {self._checked.regional_name}")
        return {"deep": deep, "calculated_deep": self._both("calculated_deep", deep, *switches)}

    def _tcp(self) -> str:
        inputs, slot = self._inputs, self._checked.slot
        check = TcpHealthCheckInputs(
            provider=inputs.provider,
            name=self._name("tcp"),
            regional_name=self._checked.regional_name,
            interval=inputs.interval,
            threshold=inputs.threshold,
            slot=slot,
            port=inputs.port,
        )
        return TcpHealthCheck(self._scope, f"tcp_check_{slot}", check).outputs.check_id

    def _switches(self) -> dict[str, str]:
        """Return the ids of the checks of the region's switch by kind, one per alarm region."""
        slot = switch_slot(self._checked.slot)
        return {
            kind: self._switch(alarm_region, f"{slot}{suffix}")
            for (kind, suffix), alarm_region in zip(
                _SWITCHES.items(), self._inputs.alarm_regions, strict=False
            )
        }

    def _switch(self, alarm_region: CheckedRegion, slot: str) -> str:
        inputs = SwitchInputs(
            alarm_provider=alarm_region.provider,
            check_provider=self._inputs.provider,
            context=self._inputs.context,
            region=self._checked.region,
            alarm_region=alarm_region.region,
            slot=slot,
            alarm_slot=switch_alarm_slot(self._checked.slot, alarm_region.slot),
            topic_arn=alarm_region.topic_arn,
        )
        return Switch(self._scope, slot, inputs).outputs.check_id

    def _both(self, what: str, *children: str) -> str:
        slot = f"{what}_{self._checked.slot}"
        inputs = CalculatedHealthCheckInputs(
            provider=self._inputs.provider,
            name=self._name(what.replace("_", "-")),
            slot=slot,
            children=children,
        )
        return CalculatedHealthCheck(self._scope, slot, inputs).outputs.check_id

    def _page(self, what: str, check_id: str, description: str) -> None:
        slot = f"{what}_{self._checked.slot}"
        inputs = AlarmInputs(
            provider=self._inputs.provider,
            slot=slot,
            name=self._name(what),
            description=description,
            namespace="AWS/Route53",
            metric="HealthCheckStatus",
            dimensions={"HealthCheckId": check_id},
            statistic="Minimum",
            comparison_operator="LessThanThreshold",
            threshold=1,
            period=60,
            evaluation_periods=1,
            treat_missing_data="breaching",
            topic_arn=self._inputs.topic_arn,
        )
        Alarm(self._scope, f"alarm_{slot}", inputs)

    def _name(self, what: str) -> str:
        return check_name(self._inputs.context, what, self._checked.region)
