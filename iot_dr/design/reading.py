"""Reads the designs of all device names from Terraform resources."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from iot_dr.design.access_deviations import open_regions
from iot_dr.design.alarms import read_alarm, read_routing_control
from iot_dr.design.data_path import data_paths
from iot_dr.design.design import Alarm, Design, Fault, FaultKind, Probe, RecordTarget
from iot_dr.design.deviations import delays, deviations
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.iot import key_algorithms
from iot_dr.design.notes import INFERRED_KINDS, UNKNOWN_KINDS, NoteKind, Notes
from iot_dr.design.part_faults import part_faults
from iot_dr.design.probes import read_probe
from iot_dr.design.publishers import read_publishers
from iot_dr.design.records_below import aliased_by
from iot_dr.design.remarks import remarks
from iot_dr.design.sites import of_endpoint, read_site
from iot_dr.design.unjudged import routing_word
from iot_dr.design.watchers import read_watchers
from iot_dr.route53.aws_host import is_region
from iot_dr.route53.check import CALCULATED, CLOUDWATCH_METRIC, RECOVERY_CONTROL
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.resource_set import ResourceSet


# Rules and the proof read the same, and designs without settings are read twice.
@lru_cache(maxsize=2)
def designs(
    resources: ResourceSet, expected: DesignExpectation | None = None
) -> tuple[Design, ...]:
    """Return the design of each public failover name that no other one leads to.

    The design of the device name of `expected` includes what that requires. Of others a
    record whose other side may be in another stack, or may not exist, is not a design.
    """
    return tuple(_designs(resources, expected))


def _designs(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Design]:
    names = declared_names(resources)
    groups = [group for group in failover_groups(resources) if not group.records[0].is_private]
    led_on = (record for group in groups for record in group.records if record.target != group.name)
    nested = {below.name for below in names.aliased(led_on)}
    covered = set[str]()
    # Names that lead to each other in a cycle are all nested: the first of them comes last.
    for group in sorted(groups, key=lambda group: group.name in nested):
        if group.name not in nested or group.name not in covered:
            records = _followed(resources, group)
            covered.update(record.name for record in records)
            is_ours = expected is not None and expected.device_name == group.name
            if (group.is_half or group.may_be_split) and not is_ours:
                continue
            yield _design(resources, group, records, expected)


def _design(
    resources: ResourceSet,
    group: FailoverGroup,
    records: tuple[DeclaredRecord, ...],
    expected: DesignExpectation | None,
) -> Design:
    notes = Notes()
    checks = declared_checks(resources)
    asked = [record.check for record in records if record.check]
    ids = tuple(declared_evaluation(resources).check_ids(*asked)) if asked else ()
    own = expected if expected and expected.device_name == group.name else None
    evaluation = Evaluation(records, [checks[id_] for id_ in ids if id_ in checks])
    sites = {
        record.id: read_site(resources, group.name, record, own, notes)
        for record in records
        if not aliased_by(resources, record)
    }
    _note_routing(records, notes)
    _note_certificates(resources, group.name, sites.values(), notes)
    alarms, probes = _judges(resources, ids, own, notes)
    if own:
        _note_switches(alarms, evaluation, records, sites, notes)
    else:
        alarms = _with_places(alarms, evaluation, records, sites)
    used = _used(evaluation, records, sites)
    probes = tuple(_with_sites(resources, probe, used[probe.check], notes) for probe in probes)
    watchers = read_watchers(resources, expected, notes)
    publishers = read_publishers(resources, own, notes) if own else ()
    faults = dict.fromkeys(part_faults(resources, records, ids, own))
    data = data_paths(resources, own)
    for region in own.regions if own and own.uses_account_trail else ():
        notes.add(NoteKind.ACCOUNT_TRAIL, region=region)
    if own:
        _note_differences(resources, own, records, ids, notes)
    return Design(
        name=group.name,
        evaluation=evaluation,
        sites=sites,
        probes=(*probes, *_alias_probes(resources, records)),
        alarms=alarms,
        watchers=watchers,
        publishers=publishers,
        is_latched=own.failover.fail_back == "latched" if own else bool(watchers),
        primary=own.failover.order[0] if own else None,
        is_deep=own is not None and own.failover.mode == "deep",
        adopted=own.adopted_region if own else None,
        regions=own.failover.order if own else (),
        refused=tuple(fault.message for fault in faults if fault.is_certain),
        lost=tuple(loss.message for loss in data.lost),
        unknown=(
            *(fault.message for fault in faults if not fault.is_certain),
            *map(str, notes.of(UNKNOWN_KINDS)),
            *data.unknown,
        ),
        inferred=tuple(map(str, notes.of(INFERRED_KINDS))),
        notes=tuple(notes.of(frozenset(NoteKind) - UNKNOWN_KINDS - INFERRED_KINDS)),
    )


def _note_differences(
    resources: ResourceSet,
    expected: DesignExpectation,
    records: tuple[DeclaredRecord, ...],
    checks: tuple[str, ...],
    notes: Notes,
) -> None:
    """Note what differs from the settings."""
    for sentence in delays(resources, expected, records):
        notes.add(NoteKind.DELAY, delay=sentence)
    for sentence in deviations(resources, expected, checks):
        notes.add(NoteKind.FAULT, fault=sentence)
    if regions := open_regions(resources, expected):
        notes.add(NoteKind.OPEN_POLICY, regions=" and ".join(regions))
    for sentence in remarks(resources, expected, checks):
        notes.add(NoteKind.DEVIATION, sentence=sentence)


def _followed(resources: ResourceSet, group: FailoverGroup) -> tuple[DeclaredRecord, ...]:
    """Return the records of a name, and those of the names that its aliases lead to."""
    followed = dict[str, DeclaredRecord]()
    waiting, aliases = deque(group.records), set[tuple[str, str, bool]]()
    while waiting:
        record = waiting.popleft()
        if record.id not in followed:
            followed[record.id] = record
            alias = (record.target, record.type, record.is_private)
            if record.is_alias and alias not in aliases:
                aliases.add(alias)
                waiting += aliased_by(resources, record)
    return tuple(followed.values())


def _note_routing(records: tuple[DeclaredRecord, ...], notes: Notes) -> None:
    for record in records:
        if record.routing not in {"", "failover"}:
            notes.add(NoteKind.OTHER_ROUTING, name=record.name, routing=routing_word(record))


def _note_certificates(
    resources: ResourceSet, name: str, sites: Iterable[RecordTarget], notes: Notes
) -> None:
    regions = dict.fromkeys(site.region for site in sites if site.region)
    algorithms = sorted(key_algorithms(resources, name, regions))
    if len(algorithms) > 1:
        notes.add(NoteKind.DIFFERENT_KEYS, name=name, keys=" and ".join(algorithms))


def _note_switches(
    alarms: tuple[Alarm, ...],
    evaluation: Evaluation,
    records: tuple[DeclaredRecord, ...],
    sites: Mapping[str, RecordTarget],
    notes: Notes,
) -> None:
    """Note the switches of other regions that a record's check follows."""
    switched = {alarm.check.id: alarm.switched for alarm in alarms if alarm.switched}
    for record in records:
        site = sites.get(record.id)
        for check in evaluation.check_ids(record.check) if record.check and site else ():
            region = switched.get(check)
            if site and region and region != site.region:
                address = record.resource.address
                notes.add(NoteKind.OTHER_SWITCH, region=region, place=site.place, address=address)


def _with_places(
    alarms: tuple[Alarm, ...],
    evaluation: Evaluation,
    records: tuple[DeclaredRecord, ...],
    sites: Mapping[str, RecordTarget],
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
            read = read_alarm(resources, check, expected, notes)
            if isinstance(read, Alarm):
                alarms.append(read)
            else:
                probes.append(read)
        elif check.type == RECOVERY_CONTROL:
            alarms.append(read_routing_control(check, notes))
        elif check.type != CALCULATED:
            probes.append(read_probe(resources, check, notes))
    return tuple(alarms), tuple(probes)


def _used(
    evaluation: Evaluation, records: tuple[DeclaredRecord, ...], sites: Mapping[str, RecordTarget]
) -> Mapping[str, list[RecordTarget]]:
    """Return by check the sites whose records use it."""
    used = defaultdict[str, list[RecordTarget]](list)
    for record in records:
        site = sites.get(record.id)
        if record.check and site:
            for check in evaluation.check_ids(record.check):
                used[check].append(site)
    return used


def _with_sites(
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


def _alias_probes(resources: ResourceSet, records: tuple[DeclaredRecord, ...]) -> Iterator[Probe]:
    """Yield what Route 53 evaluates itself: the health of an alias's target outside the zone.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/
    resource-record-sets-values-failover-alias.html (Evaluate target health).
    """
    names = declared_names(resources)
    for record in records:
        if record.is_alias and record.evaluates_target and not names.alias_targets(record):
            for end in names.destinations(record):
                yield Probe(check=record.target, place=end.name, fails_on=of_endpoint(end))
