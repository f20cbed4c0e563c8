"""Designs of others, with the assumption that what is not declared works."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from iot_dr.design.design import Design, Fault, FaultKind, Probe, RecordTarget
from iot_dr.design.iot import is_name_declared, is_passed
from iot_dr.route53.aws_host import is_region
from iot_dr.route53.check import CALCULATED, CLOUDWATCH_METRIC, RECOVERY_CONTROL
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.terraform_json.resource_set import ResourceSet

_SIGNALS: Final = frozenset((CLOUDWATCH_METRIC, RECOVERY_CONTROL))
_SUBJECT: Final = (
    *("fqdn", "ip_address", "port", "resource_path", "search_string"),
    *("cloudwatch_alarm_name", "cloudwatch_alarm_region", "routing_control_arn"),
)


def assumed(resources: ResourceSet, design: Design) -> Design:
    """Return a design in which a check fails if and only if the site of its record does.

    It stays as it is read if it is known to be of another site, or can never pass. Devices may also
    return without an operator. What is violated nevertheless is wrong, whatever other stacks
    declare.
    """
    users = _users(resources, design)
    places = dict.fromkeys(users.keys() - design.evaluation.checks.keys(), "")
    alarms = tuple(alarm for alarm in design.alarms if alarm.check.alarm != alarm.check.id)
    # The region with which an alarm loses its data, empty if the check then fails.
    places |= {
        alarm.check.id: alarm.region or ""
        if alarm.check.insufficient_data_status != "Unhealthy"
        else ""
        for alarm in design.alarms
        if alarm not in alarms
    }
    read = (
        *design.probes,
        *(Probe(check=id_, place=places[id_], fails_on=frozenset()) for id_ in sorted(places)),
    )
    switches = {probe.check for probe in read if _is_switch(design, probe)}
    checks = [
        replace(check, inverted=False) if check.id in switches else check
        for check in design.evaluation.checks.values()
    ]
    probes = [
        _seeing(design, probe, users[probe.check], is_switch=probe.check in switches)
        for probe in read
    ]
    return replace(
        design,
        evaluation=Evaluation(records_of(design), checks),
        sites={id_: _declared(resources, design, site) for id_, site in design.sites.items()},
        probes=(*probes, *_evaluated(design)),
        alarms=alarms,
        is_latched=False,
    )


def records_of(design: Design) -> Iterator[Record]:
    """Return the records of a design, of nested names too."""
    return (record for named in design.evaluation.records.values() for record in named)


def _is_switch(design: Design, probe: Probe) -> bool:
    """Whether an inverted check is an operator's: of an alarm, or of an endpoint of no site.

    aws.amazon.com/blogs/networking-and-content-delivery/
    creating-disaster-recovery-mechanisms-using-amazon-route-53: an object that an operator creates
    in the standby's region, and an inverted check of it.
    """
    check = design.evaluation.checks.get(probe.check)
    if check is None or not check.inverted or probe.problem:
        return False
    faults = {fault for site in design.sites.values() for fault in site.fails_on}
    own = {fault for fault in probe.fails_on & faults if fault.kind is not FaultKind.REGION}
    return check.type in _SIGNALS or not own


def _evaluated(design: Design) -> Iterator[Probe]:
    """Yield the health of the targets of evaluated aliases that are not known to be resources."""
    known = {probe.check for probe in design.probes}
    for record in records_of(design):
        site = design.sites.get(record.id)
        if site and record.is_alias and record.evaluates_target and record.target not in known:
            yield Probe(check=record.target, place=site.place, fails_on=site.fails_on)


def _declared(resources: ResourceSet, design: Design, site: RecordTarget) -> RecordTarget:
    """Return a site without its problem if the set does not declare what would serve the name."""
    is_judged = (
        site.region is not None
        and is_passed(resources, site.region)
        and is_name_declared(resources, design.name)
    )
    return site if is_judged else replace(site, problem="")


def _users(resources: ResourceSet, design: Design) -> Mapping[str, set[RecordTarget]]:
    """Return by check the sites whose health it decides.

    Checks of one alarm, routing control or endpoint are one. A check that several records use next
    to one of their own is of a part that they share: it is of no site.
    """
    leaves = dict[str, dict[str, Hashable]]()
    for record in records_of(design):
        if record.check and record.id in design.sites:
            ids = design.evaluation.check_ids(record.check)
            leaves[record.id] = {
                id_: _subject(resources, id_) for id_ in ids if not _is_calculated(design, id_)
            }
    number = Counter(subject for ids in leaves.values() for subject in set(ids.values()))
    sites = defaultdict[Hashable, set[RecordTarget]](set)
    for record_id, ids in leaves.items():
        own = {subject for subject in ids.values() if number[subject] == 1}
        for subject in own or ids.values():
            sites[subject].add(design.sites[record_id])
    users = {id_: sites[subject] for ids in leaves.values() for id_, subject in ids.items()}
    return defaultdict(set, users)


def _subject(resources: ResourceSet, id_: str) -> Hashable:
    """Return what a check follows, its id if that is not known."""
    check = declared_checks(resources).get(id_)
    if check is None:
        return id_
    values = [check.resource.values.get(argument) for argument in _SUBJECT]
    known = [str(resources.resolve(check.resource, value)) if value else "" for value in values]
    return (check.inverted, *known) if any(known) else id_


def _is_calculated(design: Design, id_: str) -> bool:
    check = design.evaluation.checks.get(id_)
    return check is not None and check.type == CALCULATED


def _seeing(design: Design, probe: Probe, users: set[RecordTarget], *, is_switch: bool) -> Probe:
    """Return a probe that fails with the sites of `users`, unless it is known to be of others."""
    own = frozenset[Fault]().union(*(site.fails_on for site in users))
    is_of_others = not is_switch and _is_of_others(design, probe, users, own)
    if probe.problem or not users or is_of_others:
        return probe
    check = design.evaluation.checks.get(probe.check)
    lost = {Fault(site.region, FaultKind.REGION) for site in users if site.region == probe.place}
    if check and check.type == CLOUDWATCH_METRIC and not lost & probe.fails_on:
        # It has no data while its own region is lost, and then keeps its status.
        own -= lost
    return replace(probe, fails_on=own)


def _is_of_others(
    design: Design, probe: Probe, users: set[RecordTarget], own: frozenset[Fault]
) -> bool:
    """Whether a probe is known to be of something else than the sites whose records use it."""
    check = design.evaluation.checks.get(probe.check)
    if check and check.type == CLOUDWATCH_METRIC:
        return False
    regions = {site.region for site in users}
    if is_region(probe.place) and None not in regions:
        return probe.place not in regions
    others = (site.fails_on for site in design.sites.values() if site not in users)
    return not probe.fails_on & own and any(probe.fails_on & faults for faults in others)
