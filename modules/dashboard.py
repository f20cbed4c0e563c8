"""The CloudWatch dashboard of a platform."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import RECOVERY_POINT, REGISTRY_NAMESPACE, SHADOW_RECOVERY_POINT
from modules.context import Context
from modules.device_table_names import registry_table, state_table
from modules.global_region import GLOBAL_REGION
from modules.json_text import compact_json
from modules.module import Module
from modules.name_limits import DASHBOARD_NAME_LIMIT
from modules.replication_alarm import REPLICATION_LATENCY

# Two widgets in a row of 24 columns:
# docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
_WIDTH, _HEIGHT, _ROW = 12, 6, 24
_MINUTE, _PINGS_PERIOD = 60, 300
_QUEUES: Final = ("registry-parked", "telemetry-lost", "telemetry-failed")

Metric = list[object]
"""A metric as a dashboard's body names it: namespace, name, dimensions, and how it is drawn."""


@dataclass(frozen=True, kw_only=True)
class DashboardInputs:
    """The ids of the checks of each region by kind, and whether the environment has `data`."""

    provider: AwsProvider
    context: Context
    checks: Mapping[str, Mapping[str, str]]
    has_data: bool


class Dashboard(Module):
    """A dashboard with one widget for each question about the platform.

    Dashboards are global, and each metric names its region: any region's console shows all of it.
    """

    def __init__(self, scope: Construct, id_: str, inputs: DashboardInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        widgets = [*self._name(), *(self._data() if inputs.has_data else ())]
        body = {"widgets": [{**each, **_place(n)} for n, each in enumerate(widgets)]}
        self.flat(
            CloudwatchDashboard(
                self,
                "dashboard",
                provider=inputs.provider,
                dashboard_name=inputs.context.name("platform", DASHBOARD_NAME_LIMIT),
                dashboard_body=compact_json(body),
            ),
            "platform",
        )

    def _name(self) -> Iterator[dict[str, object]]:
        last = "calculated_deep", "calculated_tcp"
        yield _widget("Answer: regions that may serve (1)", self._of_checks(*last), "Minimum")
        switches = self._of_checks("switch", "switch_second")
        yield _widget("Switches: devices are not moved away (1)", switches, "Minimum")
        yield _widget("Checks: healthy (1)", self._of_checks("tcp", "deep"), "Minimum")
        connected: list[Metric] = [
            ["AWS/IoT", name, "Protocol", "MQTT", {"region": region, "label": f"{what} {region}"}]
            for name, what in (("Ping.Success", "pings"), ("Connect.Success", "connects"))
            for region in self._inputs.checks
        ]
        title = "Connected devices: pings and connects in five minutes"
        yield _widget(title, connected, "Sum", _PINGS_PERIOD)

    def _of_checks(self, *kinds: str) -> list[Metric]:
        return [
            ["AWS/Route53", "HealthCheckStatus", "HealthCheckId", ids[kind],
             {"region": GLOBAL_REGION, "label": f"{region} {kind}"}]
            for region, ids in self._inputs.checks.items()
            for kind in kinds
            if kind in ids
        ]  # fmt: skip

    def _data(self) -> Iterator[dict[str, object]]:
        context = self._inputs.context
        pairs = list(permutations(self._inputs.checks, 2))
        arrived: list[Metric] = [
            [REGISTRY_NAMESPACE, name, "Environment", context.environment, "Source", source,
             {"region": region, "label": f"{what} {source} to {region}"}]
            for name, what in ((RECOVERY_POINT, "registry"), (SHADOW_RECOVERY_POINT, "shadows"))
            for source, region in pairs
        ]  # fmt: skip
        yield _widget("Recovery point: age of what has arrived (ms)", arrived, "Maximum")
        replicated: list[Metric] = [
            ["AWS/DynamoDB", REPLICATION_LATENCY, "TableName", table, "ReceivingRegion", region,
             {"region": source, "label": f"{what} {source} to {region}"}]
            for table, what in ((registry_table(context), "registry"),
                                (state_table(context), "states"))
            for source, region in pairs
        ]  # fmt: skip
        yield _widget("Replication of the tables (ms)", replicated, "Maximum")
        waiting: list[Metric] = [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", context.name(queue),
             {"region": region, "label": f"{queue} {region}"}]
            for queue in _QUEUES
            for region in self._inputs.checks
        ]  # fmt: skip
        yield _widget("Messages that were not processed", waiting, "Maximum", _PINGS_PERIOD)


def _widget(
    title: str, metrics: Sequence[Metric], statistic: str, period: int = _MINUTE
) -> dict[str, object]:
    properties = {"title": title, "metrics": metrics, "stat": statistic, "period": period,
                  "region": GLOBAL_REGION, "view": "timeSeries"}  # fmt: skip
    return {"type": "metric", "properties": properties}


def _place(number: int) -> dict[str, int]:
    across = number * _WIDTH
    return {"x": across % _ROW, "y": across // _ROW * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
