"""The alarms of CloudWatch that Terraform declares."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from functions.contract import SWITCH_METRIC, switch_namespace
from iot_dr.design.design import MissingData
from iot_dr.route53.check import AlarmState
from iot_dr.terraform_json.argument import number_of, resolved_text
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ALARM: Final = "aws_cloudwatch_metric_alarm"

_MISSING_DATA: Final[dict[str, MissingData]] = {
    "missing": "missing",
    "ignore": "ignore",
    "breaching": "breaching",
    "notBreaching": "notBreaching",
}
# Seconds: a switch is to move devices within minutes.
_LONGEST_PERIOD: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAlarm:
    """An alarm, its metric, and the region of both.

    A value that is not set or not known is None or empty; a `period` (seconds) is 0 then, and a
    `name` the address. `is_plain` is false for metric math and percentiles. `missing_data` is the
    alarm's TreatMissingData.
    """

    id: str
    address: str
    name: str
    region: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float | None
    period: int
    missing_data: MissingData = "missing"
    comparison: str = "GreaterThanOrEqualToThreshold"
    statistic: str = "Maximum"
    unit: str = ""
    evaluation_periods: int | None = 1
    datapoints: int | None = None
    is_plain: bool = True

    def is_of_switch(self, environment: str) -> bool:
        """Whether it is on the metric that switches of an environment are put by."""
        return self.namespace == switch_namespace(environment) and self.metric == SWITCH_METRIC

    def breaches(self, value: float) -> bool | None:
        """Whether a value of a period breaches the threshold, None if that is not known."""
        limit = self.threshold
        if limit is None:
            return None
        return {
            "GreaterThanOrEqualToThreshold": value >= limit,
            "GreaterThanThreshold": value > limit,
            "LessThanOrEqualToThreshold": value <= limit,
            "LessThanThreshold": value < limit,
        }.get(self.comparison)

    def state_after(self, value: float) -> AlarmState | None:
        """Return the state after one data point, None if unknown or if one does not set it.

        docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html.
        """
        if not self._is_reached or self.evaluation_periods != 1 or (self.datapoints or 1) != 1:
            return None
        breaches = self.breaches(1 if self.statistic == "SampleCount" else value)
        return None if breaches is None else "ALARM" if breaches else "OK"

    @property
    def _is_reached(self) -> bool:
        """Whether it evaluates a data point without a unit soon after that arrives.

        docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Unit,
        Metrics, ExtendedStatistic, Period).
        """
        is_without_unit = self.unit in {"", "None"}
        return self.is_plain and is_without_unit and self.period <= _LONGEST_PERIOD


@lru_cache(maxsize=1)
def metric_alarms(resources: ResourceSet) -> Mapping[str, MetricAlarm]:
    """Return the alarms of a set by id."""
    return {alarm.id: _alarm(resources, alarm) for alarm in resources.of_type(ALARM)}


def followed_alarm(resources: ResourceSet, check: Resource) -> MetricAlarm | None:
    """Return the alarm that a check names; None if its region does not declare one."""
    region = resolved_text(resources, check, check.values.get("cloudwatch_alarm_region"))
    name = str(resources.resolve(check, check.values.get("cloudwatch_alarm_name")))
    alarms = _by_name(resources).get(name, [])
    return next((alarm for alarm in alarms if alarm.region in {region, ""}), None)


@lru_cache(maxsize=1)
def _by_name(resources: ResourceSet) -> dict[str, list[MetricAlarm]]:
    """Return the alarms by name, and by the reference to a name that is not known."""
    by_name = defaultdict[str, list[MetricAlarm]](list)
    for alarm in resources.of_type(ALARM):
        own = str(resources.resolve(alarm, alarm.values.get("alarm_name")))
        for name in {own, f"{alarm.id}.alarm_name"}:
            by_name[name].append(metric_alarms(resources)[alarm.id])
    return by_name


def _alarm(resources: ResourceSet, alarm: Resource) -> MetricAlarm:
    values = alarm.values

    def word(argument: str) -> str:
        return resolved_text(resources, alarm, values.get(argument)) or ""

    return MetricAlarm(
        id=alarm.id,
        address=alarm.address,
        name=word("alarm_name") or alarm.address,
        region=alarm.region or "",
        namespace=str(resources.resolve(alarm, values.get("namespace"))),
        metric=word("metric_name"),
        dimensions={
            key: str(resources.resolve(alarm, value))
            for key, value in mapping(values.get("dimensions")).items()
        },
        threshold=_threshold(resources, alarm),
        period=number_of(resources, alarm, "period") or 0,
        missing_data=_MISSING_DATA.get(word("treat_missing_data"), "missing"),
        comparison=word("comparison_operator"),
        statistic=word("statistic"),
        unit=word("unit"),
        evaluation_periods=number_of(resources, alarm, "evaluation_periods"),
        datapoints=number_of(resources, alarm, "datapoints_to_alarm"),
        is_plain=not (values.get("metric_query") or values.get("extended_statistic")),
    )


def _threshold(resources: ResourceSet, alarm: Resource) -> float | None:
    value = resources.resolve(alarm, alarm.values.get("threshold"))
    if not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        # The text of a reference that is known after apply, or a number that AWS has none of.
        return None
