"""Reads the designs of all device names from Terraform resources."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from environments.settings import Settings
from iot_dr.design.alarms import read_alarm
from iot_dr.design.design import Alarm, Design, Fault, FaultKind, Probe, Site
from iot_dr.design.iot import iot_faults, serving_problem
from iot_dr.design.notes import Notes
from iot_dr.design.probes import read_probe
from iot_dr.design.watchers import read_watchers
from iot_dr.route53.aws_host import is_region
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.terraform_checks import declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import (
    DeclaredRecord,
    Destination,
    declared_names,
    record_targets,
)
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource_set import ResourceSet

_DEVICES: Final = "iot:Data-ATS"


def designs(resources: ResourceSet, settings: Settings | None = None) -> Iterator[Design]:
    """Yield the design of each public failover name that no other one leads to.

    The design of the device name of `settings` includes what these require.
    """
    names = declared_names(resources)
    groups = [group for group in failover_groups(resources) if not group.records[0].is_private]
    nested = {
        below.name
        for group in groups
        for record in group.records
        for below in names.alias_targets(record)
        if below.name != group.name
    }
    covered = set[str]()
    # Names that lead to each other in a cycle are all nested: the first of them comes last.
    for group in sorted(groups, key=lambda group: group.name in nested):
        if group.name not in nested or group.name not in covered:
            records = _followed(resources, group)
            covered.update(record.name for record in records)
            yield _design(resources, group, records, settings)


def _design(
    resources: ResourceSet,
    group: FailoverGroup,
    records: tuple[DeclaredRecord, ...],
    settings: Settings | None,
) -> Design:
    notes = Notes()
    names, checks = declared_names(resources), declared_checks(resources)
    asked = [record.check for record in records if record.check]
    ids = tuple(declared_evaluation(resources).check_ids(*asked)) if asked else ()
    expected = settings if settings and settings.device_name == group.name else None
    evaluation = Evaluation(records, [checks[id_] for id_ in ids if id_ in checks])
    sites = {
        record.id: _site(resources, group.name, record, notes)
        for record in records
        if not names.alias_targets(record)
    }
    alarms, probes = _judges(resources, ids, expected, notes)
    if expected is None:
        alarms = _with_places(alarms, evaluation, records, sites)
    used = _used_for_iot(evaluation, records, sites)
    probes = tuple(_with_site(resources, probe, used[probe.check], notes) for probe in probes)
    watchers = read_watchers(resources, settings, notes)
    return Design(
        name=group.name,
        evaluation=evaluation,
        sites=sites,
        probes=(*probes, *_alias_probes(resources, records)),
        alarms=alarms,
        watchers=watchers,
        is_latched=expected.recovery.fail_back == "latched" if expected else bool(watchers),
        primary=expected.primary_region if expected else None,
        is_deep=expected is not None and expected.health.mode == "deep",
        switches=expected.failover_order[:-1] if expected else (),
        notes=notes.sentences,
    )


def _followed(resources: ResourceSet, group: FailoverGroup) -> tuple[DeclaredRecord, ...]:
    """Return the records of a name, and those of the names that its aliases lead to."""
    followed = dict[str, DeclaredRecord]()
    waiting = list(group.records)
    while waiting:
        record = waiting.pop(0)
        if record.id not in followed:
            followed[record.id] = record
            waiting += declared_names(resources).alias_targets(record)
    return tuple(followed.values())


def _site(resources: ResourceSet, name: str, record: DeclaredRecord, notes: Notes) -> Site:
    ends = declared_names(resources).destinations(record)
    if len(ends) != 1:
        place = record.target or record.id
        notes.add(f"where {record.resource.address} leads is not known")
        return Site(name=place, region=None, fails_on=frozenset({_endpoint(place)}))
    (end,) = ends
    if end.is_iot and end.region:
        return Site(
            name=end.name,
            region=end.region,
            fails_on=iot_faults(resources, name, end.region),
            problem=_endpoint_problem(resources, record)
            or serving_problem(resources, name, end.region),
        )
    return Site(name=end.name, region=end.region, fails_on=_of_endpoint(end))


def _endpoint_problem(resources: ResourceSet, record: DeclaredRecord) -> str:
    """Return which other endpoint than that of devices a record leads to, empty for theirs.

    docs.aws.amazon.com/iot/latest/apireference/API_DescribeEndpoint.html (endpointType).
    """
    argument, targets = record_targets(record.resource)
    names = declared_names(resources)
    steps = [step for target in targets for step in names.steps(record.resource, argument, target)]
    for step in (record, *steps):
        if not isinstance(step, DeclaredRecord):
            continue
        for target in record_targets(step.resource)[1]:
            endpoint = resources.referenced(step.resource, target)
            if endpoint is None or endpoint.type != "aws_iot_endpoint":
                continue
            kind = literal(resources.resolve(endpoint, endpoint.values.get("endpoint_type")))
            if kind and kind.startswith("iot:") and kind != _DEVICES:
                return f"{step.resource.address} leads to the endpoint {kind}, not {_DEVICES}"
    return ""


def _endpoint(place: str) -> Fault:
    return Fault(place, FaultKind.ENDPOINT)


def _of_endpoint(end: Destination) -> frozenset[Fault]:
    lost = {Fault(end.region, FaultKind.REGION)} if end.region else set[Fault]()
    return frozenset({_endpoint(end.name), *lost})


def _with_places(
    alarms: tuple[Alarm, ...],
    evaluation: Evaluation,
    records: tuple[DeclaredRecord, ...],
    sites: Mapping[str, Site],
) -> tuple[Alarm, ...]:
    """Return the switches with the place that each takes devices from, by the record that asks."""
    switched = {
        check: sites[record.id].place
        for record in reversed(records)
        if record.check and record.id in sites
        for check in evaluation.check_ids(record.check)
    }
    return tuple(
        replace(alarm, switched=switched.get(alarm.check.id, alarm.switched)) for alarm in alarms
    )


def _judges(
    resources: ResourceSet, ids: tuple[str, ...], settings: Settings | None, notes: Notes
) -> tuple[tuple[Alarm, ...], tuple[Probe, ...]]:
    """Return the alarms and the probes behind the checks of these ids."""
    declared = declared_checks(resources)
    alarms, probes = list[Alarm](), list[Probe]()
    for id_ in ids:
        check = declared.get(id_)
        if check is None:
            notes.add(f"health check {id_} is not declared here: assumed healthy")
        elif check.type == "CLOUDWATCH_METRIC":
            read = read_alarm(resources, check, settings, notes)
            if isinstance(read, Alarm):
                alarms.append(read)
            else:
                probes.append(read)
        elif check.type != "CALCULATED":
            probes.append(read_probe(resources, check, notes))
    return tuple(alarms), tuple(probes)


def _used_for_iot(
    evaluation: Evaluation, records: tuple[DeclaredRecord, ...], sites: Mapping[str, Site]
) -> Mapping[str, set[Site]]:
    """Return by check the sites of AWS IoT whose records use it; empty for any other check."""
    used = defaultdict[str, set[Site]](set)
    for record in records:
        site = sites.get(record.id)
        if record.check and site and Fault(site.place, FaultKind.IOT) in site.fails_on:
            for check in evaluation.check_ids(record.check):
                used[check].add(site)
    return used


def _with_site(resources: ResourceSet, probe: Probe, used: set[Site], notes: Notes) -> Probe:
    """Return an HTTPS check of an unknown server as one that fails whenever a device would.

    Other probes stay, also those of a server that is known to be in another region than the site.
    """
    check = declared_checks(resources)[probe.check]
    regions = {site.region for site in used}
    is_elsewhere = is_region(probe.place) and probe.place not in regions
    is_unknown = probe.place == probe.check or any(
        fault.kind is FaultKind.ENDPOINT for fault in probe.fails_on
    )
    if not check.type.startswith("HTTPS") or not is_unknown or len(regions) != 1 or is_elsewhere:
        return probe
    (region,) = regions
    notes.add(
        f"{check.resource.address} is assumed to fail whenever a device cannot connect in {region}"
    )
    faults = probe.fails_on.union(*(site.fails_on for site in used))
    return replace(probe, place=region or probe.place, fails_on=faults)


def _alias_probes(resources: ResourceSet, records: tuple[DeclaredRecord, ...]) -> Iterator[Probe]:
    """Yield what Route 53 evaluates itself: the health of an alias's target outside the zone.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/
    resource-record-sets-values-failover-alias.html (Evaluate target health).
    """
    names = declared_names(resources)
    for record in records:
        if record.is_alias and record.evaluates_target and not names.alias_targets(record):
            for end in names.destinations(record):
                yield Probe(check=record.target, place=end.name, fails_on=_of_endpoint(end))
