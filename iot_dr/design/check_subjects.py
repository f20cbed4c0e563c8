"""What the checks of a name see: alarms, and probes, also of what is not declared here."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from iot_dr.design.design import Alarm, Fault, FaultKind, Probe, RecordTarget
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.metric_alarms import MetricAlarm, followed_alarm
from iot_dr.design.notes import NoteKind, Notes
from iot_dr.design.probes import read_probe
from iot_dr.design.publishers import publisher_regions
from iot_dr.route53.aws_host import is_region
from iot_dr.route53.check import CALCULATED, CLOUDWATCH_METRIC, RECOVERY_CONTROL, HealthCheck
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.resource_set import ResourceSet

_FAILING: Final = (FaultKind.IOT, FaultKind.SILENT_IOT, FaultKind.CERTIFICATE, FaultKind.API)


def check_subjects(
    resources: ResourceSet, ids: tuple[str, ...], expected: DesignExpectation | None, notes: Notes
) -> tuple[tuple[Alarm, ...], tuple[Probe, ...]]:
    """Return the alarms and the probes behind the checks of these ids."""
    declared, is_plan = declared_checks(resources), any(each.is_plan for each in resources.stacks)
    alarms, probes = list[Alarm](), list[Probe]()
    for id_ in ids:
        check = declared.get(id_)
        if check is None:
            if is_plan and has_expression(id_):
                notes.add(NoteKind.UNKNOWN_CHECK, expression=id_)
            probes.append(Probe(check=id_, place=id_, fails_on=frozenset(), is_declared=False))
        elif check.type == CLOUDWATCH_METRIC:
            read = _read_alarm(resources, check, expected, notes)
            if isinstance(read, Alarm):
                alarms.append(read)
            else:
                probes.append(read)
        elif check.type == RECOVERY_CONTROL:
            alarms.append(_read_routing_control(check, notes))
        elif check.type != CALCULATED:
            probes.append(read_probe(resources, check, notes))
    return tuple(alarms), tuple(probes)


def with_sites(
    resources: ResourceSet, probe: Probe, used: Sequence[RecordTarget], notes: Notes
) -> Probe:
    """Return a probe of something unknown as one that fails whenever a device is not served.

    That is a check that is not declared here, one of an alarm that is not, one of an alarm of the
    site's region, and an HTTPS check of an unknown server for AWS IoT. Other probes stay, also
    those of a server that is known to be in another region than the site, and those for several
    places. An alarm sees the loss of its own region only as its check says.
    """
    check = declared_checks(resources).get(probe.check)
    places = list(dict.fromkeys(site.place for site in used))
    seen = frozenset[Fault]().union(*(site.fails_on for site in used))
    if not probe.is_declared:
        what = f"the alarm of {check.resource.address}" if check else f"health check {probe.check}"
        if len(places) != 1:
            notes.add(NoteKind.UNDECLARED, subject=what)
            return replace(probe, fails_on=frozenset())
        notes.add(NoteKind.UNDECLARED_OF_PLACE, subject=what, place=places[0])
        if check:
            # Without its region it has no data.
            seen -= {Fault(probe.place, FaultKind.REGION)} - probe.fails_on
        return replace(probe, place=places[0], fails_on=seen)
    if check and check.type == CLOUDWATCH_METRIC and places == [probe.place]:
        lost = {Fault(probe.place, FaultKind.REGION)} - probe.fails_on
        return replace(probe, fails_on=seen - lost)
    if check is None or not _is_unknown_server(check, probe, used):
        return probe
    (place,) = places
    address = check.resource.address
    notes.add(NoteKind.UNKNOWN_SERVER, address=address, region=place)
    return replace(probe, place=place, fails_on=probe.fails_on | seen)


def _is_unknown_server(check: DeclaredCheck, probe: Probe, used: Sequence[RecordTarget]) -> bool:
    """Whether an HTTPS check asks a server that may depend on AWS IoT in its record's region."""
    if not check.type.startswith("HTTPS"):
        return False
    sites = {site for site in used if Fault(site.place, FaultKind.IOT) in site.fails_on}
    regions = {site.region for site in sites}
    is_elsewhere = is_region(probe.place) and probe.place not in regions
    is_unknown = probe.place == probe.check or any(
        fault.kind is FaultKind.ENDPOINT for fault in probe.fails_on
    )
    return is_unknown and len(regions) == 1 and not is_elsewhere


def _read_alarm(
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


def _read_routing_control(check: DeclaredCheck, notes: Notes) -> Alarm:
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
