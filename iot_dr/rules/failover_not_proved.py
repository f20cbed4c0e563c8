"""A failover that `iot-dr prove` disproves, where no other rule names the cause."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from iot_dr.design.design import Design
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.iot import is_passed
from iot_dr.design.notes import NoteKind
from iot_dr.design.reading import designs
from iot_dr.prover.assumed_design import assumed, records_of
from iot_dr.prover.proof import Proof, prove
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.shown_name import shown, shown_in
from iot_dr.route53.terraform_checks import declared_evaluation
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
from iot_dr.rules.support.our_stack import if_whole
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.resource_set import ResourceSet

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
_JUDGED: Final = frozenset(("", "failover"))


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    whole = if_whole(resources, expected)
    # Others are the subject of `failover-pair-incomplete`.
    whole_pairs = (each for each in failover_groups(resources) if each.pair)
    groups = {group.name: group for group in whole_pairs if not group.may_be_split}
    causes = {
        f"{finding.stack}/{finding.address}"
        for rule in _CAUSES
        for finding in rule.find(resources, expected)
        if finding.verdict is Verdict.BLOCK
    }
    judged = [
        # What AWS refuses has rules of its own.
        replace(
            design if whole and whole.device_name == design.name else assumed(resources, design),
            refused=(),
            lost=(),
        )
        for design in designs(resources, whole)
        if design.name in groups
        and causes.isdisjoint(design.evaluation.checks)
        and causes.isdisjoint(record.id for record in records_of(design))
        and _is_judged(design)
    ]
    for proof in map(prove, judged):
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
    for group in failover_groups(resources):
        ends = [end for record in group.records for end in names.destinations(record) if end.is_iot]
        below = list(names.aliased(group.records))
        name = shown(group.records[0])
        for record in group.records:
            is_end = not names.alias_targets(record)
            if is_end and len(names.destinations(record)) != 1:
                unknown = f"where {record.resource.address} leads is not known"
                sentences.append(f"{unknown}, so the failover of {name} is not proved")
            if any(map(has_expression, declared_evaluation(resources).check_ids(record.check))):
                unknown = f"which health check {record.resource.address} uses is not known"
                sentences.append(f"{unknown}, so the failover of {name} is not proved")
        if group.may_be_split:
            sentences.append(f"the records of {name} may not exist together, so it is not proved")
        if kinds := ", ".join(sorted({record.routing for record in below} - _JUDGED)):
            sentences.append(f"{name} leads to {kinds} records, so its failover is not proved")
        sentences += [
            f"nothing of {end.region} was passed, to which {name} leads"
            for end in ends
            if end.region and not is_passed(resources, end.region)
        ]
    return tuple(dict.fromkeys(sentences))


def _is_judged(design: Design) -> bool:
    """Whether the routing of every record, the target of every alias and each check is known."""
    return not (design.inferred or _unknown_routing(design)) and not any(
        record.is_alias and not record.target for record in records_of(design)
    )


def _unknown_routing(design: Design) -> list[str]:
    """Return the routing of records that only the answered region or chance selects."""
    return sorted({record.routing for record in records_of(design)} - _JUDGED)


def _finding(resources: ResourceSet, group: FailoverGroup, proof: Proof) -> Finding:
    violation = proof.violations[0]
    idle = [str(note) for note in proof.notes if note.kind is NoteKind.IDLE_WATCHER]
    why = "; ".join([line.strip() for line in violation.reasons] + idle)
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
    not_judged=not_judged,
)
