"""The CloudWatch alarms behind health checks: switches, and signals of other metrics."""

from dataclasses import replace
from typing import Final

from iot_dr.design.design import Alarm, Fault, FaultKind, Probe
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.metric_alarms import MetricAlarm, followed_alarm
from iot_dr.design.notes import NoteKind, Notes
from iot_dr.design.publishers import publisher_regions
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.resource_set import ResourceSet

_FAILING: Final = (FaultKind.IOT, FaultKind.SILENT_IOT, FaultKind.CERTIFICATE, FaultKind.API)


def read_alarm(
    resources: ResourceSet, check: DeclaredCheck, expected: DesignExpectation | None, notes: Notes
) -> Alarm | Probe:
    """Return the alarm that a check follows; without an expectation, possibly a probe.

    With an expectation, `switched` is the region whose switch `iot-dr switch` puts, empty for
    another alarm. Without, an alarm on a metric of the account's own that keeps its state without
    data is a switch; any other is read as a probe of its region. An alarm that is not declared has
    no switch; without an expectation it is a probe.
    """
    resource = check.resource
    region = resolved_text(resources, resource, resource.values.get("cloudwatch_alarm_region"))
    alarm = followed_alarm(resources, resource)
    if alarm is None and expected is None:
        return replace(_signal(check, region or ""), is_declared=False)
    if alarm is None:
        name = resource.values.get("cloudwatch_alarm_name")
        address = resource.address
        notes.add(NoteKind.UNDECLARED_ALARM, address=address, region=region, name=str(name))
        return _switch(check, None, region, "")
    if expected:
        return _switch(check, alarm, region, _switched(alarm, expected))
    if alarm.missing_data == "ignore" and not alarm.namespace.startswith("AWS/"):
        is_kept = check.insufficient_data_status == "LastKnownStatus"
        if is_kept and region not in publisher_regions(resources):
            notes.add(NoteKind.LAST_STATUS, address=resource.address)
        return _switch(check, alarm, region, alarm.address)
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


def _switched(alarm: MetricAlarm, expected: DesignExpectation) -> str:
    """Return the region whose switch an alarm is, empty if no data of `iot-dr switch` reach it."""
    region = alarm.dimensions.get("Region", "")
    reaches = (
        region in expected.regions
        and alarm.dimensions == {"Environment": expected.environment, "Region": region}
        and alarm.is_of_switch(expected.environment)
        and alarm.region in expected.alarm_regions[region]
    )
    return region if reaches else ""


def _switch(
    check: DeclaredCheck, alarm: MetricAlarm | None, region: str | None, switched: str
) -> Alarm:
    return Alarm(
        check=HealthCheck(
            id=check.id,
            type=check.type,
            alarm=alarm.id if alarm else check.id,
            insufficient_data_status=check.insufficient_data_status,
        ),
        region=region,
        switched=switched,
        away=alarm.state_after(1) if alarm and switched else None,
        back=alarm.state_after(0) if alarm and switched else None,
        missing_data=alarm.missing_data if alarm else "missing",
    )


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
