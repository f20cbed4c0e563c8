"""The CloudWatch alarms behind health checks: switches, and signals of other metrics."""

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from typing import Final

from environments.settings import Settings
from iot_dr.design.design import Alarm, Fault, FaultKind, MissingData, Probe
from iot_dr.design.notes import NoteKind, Notes
from iot_dr.route53.check import AlarmState, HealthCheck
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.terraform_json.argument import resolved_text, whole_number
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.switch_metric import SWITCH_METRIC, switch_namespace

_ALARM: Final = "aws_cloudwatch_metric_alarm"
_MISSING_DATA: Final[dict[str, MissingData]] = {
    "missing": "missing",
    "ignore": "ignore",
    "breaching": "breaching",
    "notBreaching": "notBreaching",
}
# Seconds: a switch is to move devices within minutes.
_LONGEST_PERIOD: Final = 300
_FAILING: Final = (FaultKind.IOT, FaultKind.SILENT_IOT, FaultKind.CERTIFICATE, FaultKind.API)


def read_alarm(
    resources: ResourceSet, check: DeclaredCheck, settings: Settings | None, notes: Notes
) -> Alarm | Probe:
    """Return the alarm that a check follows; without settings, possibly a probe.

    With settings, `switched` is the region whose switch `iot-dr switch` puts, empty for another
    alarm. Without, an alarm on a metric of the account's own that keeps its state without data is a
    switch; any other is read as a probe of its region. An alarm that is not declared has no switch;
    without settings it is a probe.
    """
    resource = check.resource
    region = resolved_text(resources, resource, resource.values.get("cloudwatch_alarm_region"))
    alarm = _alarm(resources, resource, region)
    if alarm is None and settings is None:
        return replace(_signal(check, region or ""), is_declared=False)
    if alarm is None:
        name = resource.values.get("cloudwatch_alarm_name")
        address = resource.address
        notes.add(NoteKind.UNDECLARED_ALARM, address=address, region=region, name=str(name))
        return _switch(resources, check, None, region, "")
    if settings:
        return _switch(resources, check, alarm, region, _switched(resources, alarm, settings))
    if _word(resources, alarm, "treat_missing_data") == "ignore" and not _is_of_aws(
        resources, alarm
    ):
        return _switch(resources, check, alarm, region, alarm.address)
    notes.add(NoteKind.ALARM_OF_REGION, address=alarm.address, region=region)
    return _signal(check, region or "")


def read_routing_control(check: DeclaredCheck, notes: Notes) -> Alarm:
    """Return the routing control of ARC that a check follows: a switch in no region, which holds.

    docs.aws.amazon.com/r53recovery/latest/dg/routing-control.html.
    """
    notes.add(NoteKind.ROUTING_CONTROL, address=check.resource.address)
    return Alarm(
        check=HealthCheck(id=check.id, type=check.type, alarm=check.id),
        region=None,
        switched=check.id,
        away="ALARM",
        back="OK",
        missing_data="ignore",
    )


def _alarm(resources: ResourceSet, check: Resource, region: str | None) -> Resource | None:
    """Return the alarm that a check names; None if its region does not declare one."""
    name = str(resources.resolve(check, check.values.get("cloudwatch_alarm_name")))
    alarms = _by_name(resources).get(name, [])
    return next((alarm for alarm in alarms if alarm.region in {region, None}), None)


@lru_cache(maxsize=1)
def _by_name(resources: ResourceSet) -> dict[str, list[Resource]]:
    """Return the alarms by name, and by the reference to a name that is not known."""
    by_name = defaultdict[str, list[Resource]](list)
    for alarm in resources.of_type(_ALARM):
        own = str(resources.resolve(alarm, alarm.values.get("alarm_name")))
        for name in {own, f"{alarm.id}.alarm_name"}:
            by_name[name].append(alarm)
    return by_name


def _switched(resources: ResourceSet, alarm: Resource, settings: Settings) -> str:
    """Return the region whose switch an alarm is, empty if no data of `iot-dr switch` reach it."""
    dimensions = {
        key: str(resources.resolve(alarm, value))
        for key, value in mapping(alarm.values.get("dimensions")).items()
    }
    region = dimensions.get("Region", "")
    reaches = (
        region in settings.regions
        and dimensions == {"Environment": settings.environment, "Region": region}
        and is_of_switch(resources, alarm, settings.environment)
        and alarm.region in settings.keepers(region)
    )
    return region if reaches else ""


def is_of_switch(resources: ResourceSet, alarm: Resource, environment: str) -> bool:
    """Whether an alarm is on the metric that switches of an environment are put by."""
    return (
        alarm.type == _ALARM
        and _namespace(resources, alarm) == switch_namespace(environment)
        and _word(resources, alarm, "metric_name") == SWITCH_METRIC
    )


def _switch(
    resources: ResourceSet,
    check: DeclaredCheck,
    alarm: Resource | None,
    region: str | None,
    switched: str,
) -> Alarm:
    treated = _word(resources, alarm, "treat_missing_data") if alarm else ""
    return Alarm(
        check=HealthCheck(
            id=check.id,
            type=check.type,
            alarm=alarm.id if alarm else check.id,
            insufficient_data_status=check.insufficient_data_status,
        ),
        region=region,
        switched=switched,
        away=_state_after(resources, alarm, 1) if alarm and switched else None,
        back=_state_after(resources, alarm, 0) if alarm and switched else None,
        missing_data=_MISSING_DATA.get(treated, "missing"),
    )


def _state_after(resources: ResourceSet, alarm: Resource, value: int) -> AlarmState | None:
    """Return the state after one data point, None if that is unknown or one point does not set it.

    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html.
    """
    if not _is_reached(resources, alarm):
        return None
    periods = _number(resources, alarm, "evaluation_periods")
    if (_number(resources, alarm, "datapoints_to_alarm") or periods) != 1 or periods != 1:
        return None
    threshold = resources.resolve(alarm, alarm.values.get("threshold"))
    if not isinstance(threshold, (int, float, str)):
        return None
    seen = 1 if _word(resources, alarm, "statistic") == "SampleCount" else value
    try:
        limit = float(threshold)
    except ValueError:
        # The text of a reference that is known after apply.
        return None
    breaches = {
        "GreaterThanOrEqualToThreshold": seen >= limit,
        "GreaterThanThreshold": seen > limit,
        "LessThanOrEqualToThreshold": seen <= limit,
        "LessThanThreshold": seen < limit,
    }.get(_word(resources, alarm, "comparison_operator"))
    if breaches is None:
        return None
    return "ALARM" if breaches else "OK"


def _is_reached(resources: ResourceSet, alarm: Resource) -> bool:
    """Whether an alarm evaluates a data point without a unit soon after it arrives.

    docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Unit, Metrics,
    ExtendedStatistic, Period).
    """
    values = alarm.values
    if values.get("metric_query") or values.get("extended_statistic"):
        return False
    is_without_unit = _word(resources, alarm, "unit") in {"", "None"}
    return is_without_unit and (_number(resources, alarm, "period") or 0) <= _LONGEST_PERIOD


def _signal(check: DeclaredCheck, region: str) -> Probe:
    """Return an alarm on a service's metric as a probe of its region.

    If the region is lost, the alarm has no data: the probe fails only if the check then counts as
    unhealthy (`insufficient_data_health_status`).
    """
    kinds = list(_FAILING)
    if check.insufficient_data_status == "Unhealthy":
        kinds.append(FaultKind.REGION)
    return Probe(
        check=check.id, place=region, fails_on=frozenset(Fault(region, kind) for kind in kinds)
    )


def _is_of_aws(resources: ResourceSet, alarm: Resource) -> bool:
    return _namespace(resources, alarm).startswith("AWS/")


def _namespace(resources: ResourceSet, alarm: Resource) -> str:
    return str(resources.resolve(alarm, alarm.values.get("namespace")))


def _word(resources: ResourceSet, resource: Resource, argument: str) -> str:
    return resolved_text(resources, resource, resource.values.get(argument)) or ""


def _number(resources: ResourceSet, resource: Resource, argument: str) -> int | None:
    return whole_number(resources.resolve(resource, resource.values.get(argument)))
