"""What the entry point asks about one region: its checks, its switch, and their alarms."""

from dataclasses import dataclass

from modules.alarm import Alarm, AlarmInputs
from modules.calculated_health_check import CalculatedHealthCheck, CalculatedHealthCheckInputs
from modules.context import Context
from modules.entry_point import EntryRegion
from modules.switch import Switch, SwitchInputs
from modules.tcp_health_check import TcpHealthCheck, TcpHealthCheckInputs
from modules.watcher import WatchedRegion
from stacks.base_stack import BaseStack

ROUTE53_REGION = "us-east-1"
"""Where Route 53 takes changes, and the only region with the metrics of its health checks.

A provider there adds no region to depend on:
docs.aws.amazon.com/Route53/latest/DeveloperGuide/disaster-recovery-resiliency.html.
"""

# The name is a tag: docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-tagging.html
_NAME_LIMIT = 255
_PERIOD = 60


def check_name(context: Context, what: str, region: str) -> str:
    """Name a check of a region, and the alarm on it that stands in `ROUTE53_REGION`."""
    return context.name(f"{what}-{region}", _NAME_LIMIT)


@dataclass(frozen=True, kw_only=True)
class RegionHandOver:
    """What a region's stack hands over; no deep check where regions are checked by TCP alone."""

    region: str
    regional_name: str
    deep_check_id: str | None
    topic_arn: str

    @property
    def slot(self) -> str:
        """The region as logical ids have it, e.g. `eu_west_1`."""
        return self.region.replace("-", "_")

    @property
    def watched(self) -> WatchedRegion:
        """The region and its regional name."""
        return WatchedRegion(self.region, self.regional_name)


class RegionChecks:
    """The checks of one region, in the entry point's stack.

    The device name's primary is judged by its deep check, any other by TCP, each together with
    its switch; the last of the chain by TCP alone (ADR 0012). All of them stand whatever the
    region's place in the chain is, so that a change of primary changes nothing but records.
    """

    def __init__(
        self, stack: BaseStack, handed: RegionHandOver, keeper: RegionHandOver, topic_arn: str
    ) -> None:
        self._stack = stack
        self._handed = handed
        self._topic_arn = topic_arn
        self._route53 = stack.provider(ROUTE53_REGION)
        tcp = self._tcp()
        switch = self._switch(keeper)
        self._page("tcp", tcp, f"Nothing answers on port 8883 of {handed.regional_name}")
        standby = self._both("calculated_tcp", tcp, switch)
        deep = self._deep(switch)
        self.ids = {"tcp": tcp, "switch": switch, "calculated_tcp": standby, **deep}
        """The ids of the region's checks by what they are."""
        self.outputs = EntryRegion(
            regional_name=handed.regional_name,
            primary_check_id=deep.get("calculated_deep", standby),
            standby_check_id=standby,
            last_check_id=tcp,
        )

    def _deep(self, switch: str) -> dict[str, str]:
        deep = self._handed.deep_check_id
        if deep is None:
            return {}
        self._page("deep", deep, f"No message goes through {self._handed.regional_name}")
        return {"deep": deep, "calculated_deep": self._both("calculated_deep", deep, switch)}

    def _tcp(self) -> str:
        health = self._stack.settings.health
        inputs = TcpHealthCheckInputs(
            provider=self._route53,
            name=self._name("tcp"),
            regional_name=self._handed.regional_name,
            interval=health.interval,
            threshold=health.threshold,
            slot=self._handed.slot,
        )
        return TcpHealthCheck(
            self._stack, f"tcp_check_{self._handed.slot}", inputs
        ).outputs.check_id

    def _switch(self, keeper: RegionHandOver) -> str:
        inputs = SwitchInputs(
            alarm_provider=self._stack.provider(keeper.region),
            check_provider=self._route53,
            context=self._stack.context,
            region=self._handed.region,
            keeper=keeper.region,
            slot=f"switch_{self._handed.slot}",
            topic_arn=keeper.topic_arn,
        )
        return Switch(self._stack, f"switch_{self._handed.slot}", inputs).outputs.check_id

    def _both(self, what: str, *children: str) -> str:
        slot = f"{what}_{self._handed.slot}"
        inputs = CalculatedHealthCheckInputs(
            provider=self._route53,
            name=self._name(what.replace("_", "-")),
            slot=slot,
            children=children,
        )
        return CalculatedHealthCheck(self._stack, slot, inputs).outputs.check_id

    def _page(self, what: str, check_id: str, description: str) -> None:
        slot = f"{what}_{self._handed.slot}"
        inputs = AlarmInputs(
            provider=self._route53,
            slot=slot,
            name=self._name(what),
            description=description,
            namespace="AWS/Route53",
            metric="HealthCheckStatus",
            dimensions={"HealthCheckId": check_id},
            statistic="Minimum",
            comparison="LessThanThreshold",
            threshold=1,
            period=_PERIOD,
            periods=1,
            missing="breaching",
            topic_arn=self._topic_arn,
        )
        Alarm(self._stack, f"alarm_{slot}", inputs)

    def _name(self, what: str) -> str:
        return check_name(self._stack.context, what, self._handed.region)
