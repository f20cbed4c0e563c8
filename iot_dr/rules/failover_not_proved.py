"""A failover that `iot-dr prove` disproves, where no other rule names the cause."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from environments.settings import Settings
from iot_dr.design.design import Alarm, Design, Fault, FaultKind, Probe, Site
from iot_dr.design.reading import designs
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import prove_all
from iot_dr.route53.aws_host import is_region
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules import (
    check_never_passes,
    check_on_failover_name,
    failover_pair_incomplete,
    failover_record_at_apex,
    failover_record_without_check,
    https_check_on_iot_name,
    name_not_served,
)
from iot_dr.rules.failover_record_without_check import leads_to_page
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.shown_name import shown_in
from iot_dr.terraform_json.resource_set import ResourceSet
from stacks.platform_graph import platform_graph

_ID: Final = "failover-not-proved"
# Rules that name the argument to change: what they block is not reported a second time.
_CAUSES: Final = (
    check_never_passes.RULE,
    check_on_failover_name.RULE,
    failover_pair_incomplete.RULE,
    failover_record_at_apex.RULE,
    failover_record_without_check.RULE,
    https_check_on_iot_name.RULE,
    name_not_served.RULE,
)
_ALARM: Final = "CLOUDWATCH_METRIC"
_JUDGED: Final = frozenset(("", "failover"))


def _find(resources: ResourceSet, settings: Settings | None) -> Iterator[Finding]:
    whole = settings if settings and _is_whole(resources, settings) else None
    groups = {group.name: group for group in _complete(resources)}
    causes = {
        f"{finding.stack}/{finding.address}"
        for rule in _CAUSES
        for finding in rule.find(resources, settings)
        if finding.verdict is Verdict.BLOCK
    }
    judged = [
        design if whole and whole.device_name == design.name else _assumed(resources, design)
        for design in designs(resources, whole)
        if design.name in groups and not causes & _parts(design) and _is_judged(design)
    ]
    for proof in prove_all(judged):
        if proof.violations:
            yield _finding(resources, groups[proof.name], proof)


def not_judged(resources: ResourceSet) -> tuple[str, ...]:
    """Return which failover records are not judged, and why, a sentence each."""
    names = declared_names(resources)
    failover = [record for record in names.records if record.is_failover]
    sentences = [
        f"the name of {record.resource.address} is not known, so its failover is not judged"
        for record in failover
        if not record.name
    ]
    private = dict.fromkeys(record.name for record in failover if record.is_private and record.name)
    sentences += [f"{name} is in a private zone, so its failover is not proved" for name in private]
    for design in designs(resources):
        if routing := _unknown_routing(design):
            kinds = ", ".join(routing)
            sentences.append(
                f"{design.name} leads to {kinds} records, so its failover is not proved"
            )
        sentences += [
            f"nothing of {site.region} was passed, to which {design.name} leads"
            for site in design.sites.values()
            if site.region and not name_not_served.is_passed(resources, site.region)
        ]
    return tuple(dict.fromkeys(sentences))


def _is_whole(resources: ResourceSet, settings: Settings) -> bool:
    names = {stack.cdktf_name or stack.name for stack in resources.stacks}
    return {node.name for node in platform_graph(settings).nodes} <= names


def _complete(resources: ResourceSet) -> Iterator[FailoverGroup]:
    """Return the public pairs; others are the subject of `failover-pair-incomplete`."""
    return (group for group in failover_groups(resources) if group.pair)


def _parts(design: Design) -> set[str]:
    """Return the ids of the records and checks of a design."""
    return {record.id for record in _records(design)} | set(design.evaluation.checks)


def _is_judged(design: Design) -> bool:
    """Whether the routing of every record, and the target of every alias, is known."""
    return not _unknown_routing(design) and not any(
        record.is_alias and not record.target for record in _records(design)
    )


def _records(design: Design) -> Iterator[Record]:
    return (record for named in design.evaluation.records.values() for record in named)


def _unknown_routing(design: Design) -> list[str]:
    """Return the routing of records that only the answered region or chance selects."""
    return sorted({record.routing for record in _records(design)} - _JUDGED)


def _finding(resources: ResourceSet, group: FailoverGroup, proof: Proof) -> Finding:
    violation = proof.violations[0]
    why = "; ".join(line.strip() for line in violation.reasons)
    names = declared_names(resources)
    is_page = any(leads_to_page(names, record) for record in group.side("SECONDARY"))
    return finding_at(
        group.records[0].resource,
        _ID,
        shown_in(
            f"{violation}. Required: {violation.property}. Reason: {why}. `iot-dr prove` lists"
            " every property that does not hold.",
            group.records[0],
        ),
        Verdict.WARN if is_page else Verdict.BLOCK,
    )


def _assumed(resources: ResourceSet, design: Design) -> Design:
    """Return a design in which a check fails if and only if the site of its record does.

    It stays as it is read if it is known to be of another site, or can never pass. Devices may also
    return without an operator. `iot-dr prove` assumes less: a rule that blocks must not refuse a
    correct design only because a part of it is not declared here.
    """
    users = _users(design)
    places = dict.fromkeys(users.keys() - design.evaluation.checks.keys(), "")
    alarms = tuple(alarm for alarm in design.alarms if alarm.check.alarm != alarm.check.id)
    places |= {each.check.id: _place(each) for each in design.alarms if each not in alarms}
    unknown = [
        Probe(check=id_, place=place, fails_on=frozenset()) for id_, place in sorted(places.items())
    ]
    probes = [_seeing(design, probe, users[probe.check]) for probe in (*design.probes, *unknown)]
    probes += _evaluated(design)
    sites = {id_: _declared(resources, design, site) for id_, site in design.sites.items()}
    return replace(design, probes=tuple(probes), alarms=alarms, sites=sites, is_latched=False)


def _evaluated(design: Design) -> Iterator[Probe]:
    """Yield the health of the targets of evaluated aliases that are not known to be resources."""
    known = {probe.check for probe in design.probes}
    for record in _records(design):
        site = design.sites.get(record.id)
        if site and record.is_alias and record.evaluates_target and record.target not in known:
            yield Probe(check=record.target, place=site.place, fails_on=site.fails_on)


def _place(alarm: Alarm) -> str:
    """Return the region with which an alarm loses its data, empty if the check then fails."""
    is_failing = alarm.check.insufficient_data_status == "Unhealthy"
    return "" if is_failing else alarm.region or ""


def _declared(resources: ResourceSet, design: Design, site: Site) -> Site:
    """Return a site without its problem if the set does not declare what would serve the name."""
    is_judged = (
        site.region is not None
        and name_not_served.is_passed(resources, site.region)
        and name_not_served.is_declared(resources, design.name)
    )
    return site if is_judged else replace(site, problem="")


def _users(design: Design) -> Mapping[str, set[Site]]:
    """Return by check the sites whose health it decides.

    A check that several records use next to one of their own is of a part that they share: it is of
    no site.
    """
    leaves = dict[str, set[str]]()
    for record in _records(design):
        if record.check and record.id in design.sites:
            ids = design.evaluation.check_ids(record.check)
            leaves[record.id] = {id_ for id_ in ids if not _is_calculated(design, id_)}
    number = Counter(id_ for ids in leaves.values() for id_ in ids)
    users = defaultdict[str, set[Site]](set)
    for record_id, ids in leaves.items():
        own = {id_ for id_ in ids if number[id_] == 1}
        for id_ in own or ids:
            users[id_].add(design.sites[record_id])
    return users


def _is_calculated(design: Design, id_: str) -> bool:
    check = design.evaluation.checks.get(id_)
    return check is not None and check.type == "CALCULATED"


def _seeing(design: Design, probe: Probe, users: set[Site]) -> Probe:
    """Return a probe that fails with the sites of `users`, unless it is known to be of others."""
    own = frozenset[Fault]().union(*(site.fails_on for site in users))
    if probe.problem or not users or _is_of_others(design, probe, users, own):
        return probe
    check = design.evaluation.checks.get(probe.check)
    lost = {Fault(site.region, FaultKind.REGION) for site in users if site.region == probe.place}
    if check and check.type == _ALARM and not lost & probe.fails_on:
        # It has no data while its own region is lost, and then keeps its status.
        own -= lost
    return replace(probe, fails_on=own)


def _is_of_others(design: Design, probe: Probe, users: set[Site], own: frozenset[Fault]) -> bool:
    """Whether a probe is known to be of something else than the sites whose records use it."""
    check = design.evaluation.checks.get(probe.check)
    if check and check.type == _ALARM:
        return False
    regions = {site.region for site in users}
    if is_region(probe.place) and None not in regions:
        return probe.place not in regions
    others = (site.fails_on for site in design.sites.values() if site not in users)
    return not probe.fails_on & own and any(probe.fails_on & faults for faults in others)


RULE: Final = Rule(
    id=_ID,
    title="A failover that holds in every state",
    why="A check of the other region, one check for both records, an inverted check or two records"
    " in one region are found by trying the states of the design, as `iot-dr prove` does. A design"
    " is blocked with a shortest sequence of events that leaves devices in a region that does not"
    " serve; what is not declared is assumed to work. Causes that another rule names are not"
    " repeated.",
    source="docs/adr/0036-prover.md; docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "health-checks-how-route-53-chooses-records.html",
    find=_find,
)
