"""Devices are served wherever they can be: properties of states and of faults."""

from collections.abc import Container, Sequence
from itertools import pairwise
from typing import Final

from iot_dr.design.design import Fault, FaultKind, RecordTarget
from iot_dr.prover.bits import set_bits
from iot_dr.prover.findings import Findings
from iot_dr.prover.machine import BEGINS, ENDS, Event, MachineState, Transition
from iot_dr.route53.evaluation import Answer
from iot_dr.route53.record import Record

NORMAL: Final = "while all regions are healthy, the primary serves and every record is healthy"
SURVIVES: Final = "the loss of any one region or endpoint leaves another one that serves"
SERVED: Final = "devices are led to a region that serves, while any does"
RETURNS: Final = "normal operation can be restored from every state"
ONCE: Final = "a single failure moves devices at most once"

_LOSSES: Final = frozenset((FaultKind.REGION, FaultKind.ENDPOINT))
# What a check that only connects, or one of a certificate's other name, cannot see (ADR 0036).
_INVISIBLE: Final = frozenset((FaultKind.SILENT_IOT, FaultKind.CERTIFICATE))


def check_records(findings: Findings) -> None:
    """Check that records lead to every region, and that AWS accepts and answers each of them.

    docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html (SetIdentifier).
    """
    design, start = findings.design, findings.machine.start
    for refused in design.refused:
        findings.violate(NORMAL, (), refused, start)
    places = {site.region for site in design.sites.values()}
    for region in design.regions:
        if region not in places:
            observed = f"no record of {design.name} leads to {region}"
            findings.violate(NORMAL, (), observed, start)
    for name, records in design.evaluation.records.items():
        if len(records) > 1 and not all(record.routing for record in records):
            observed = f"{name} has {len(records)} records, not all with a routing policy"
            findings.violate(NORMAL, (), observed, start)


def check_normal(findings: Findings) -> None:
    """Check that while all regions are healthy every record is, and the primary serves."""
    machine, design = findings.machine, findings.design
    start = machine.start
    for site in design.sites.values():
        if site.problem:
            findings.violate(NORMAL, (), f"{site.place} never serves: {site.problem}", start)
    for decision in start.answer.decisions:
        for record, status in decision.records:
            if status.healthy is False:
                observed = f"the {record.side} record of {decision.name} is never healthy"
                findings.violate(NORMAL, (), observed, start)
    first, primary = machine.site(start.answer), design.primary
    if primary and first and first.region != primary:
        observed = f"{design.name} leads to {first.place}, not to {primary}"
        findings.violate(NORMAL, (), observed, start)


def check_losses(findings: Findings) -> None:
    """Check that after the loss of any one region or endpoint another one serves."""
    machine, design = findings.machine, findings.design
    for index, fault in enumerate(machine.faults):
        lost = machine.after(machine.start.state, Event(BEGINS, index))
        if fault.kind in _LOSSES and not any(
            machine.serves(id_, lost.state) for id_ in design.sites
        ):
            observed = f"nothing that {design.name} leads to serves"
            findings.violate(SURVIVES, (str(fault),), observed, lost)


def check_single_failures(findings: Findings) -> None:
    """Check that a failure, its end, and the same failure again move devices once if latched.

    Without latching devices may also move back and away again.
    """
    machine, design = findings.machine, findings.design
    for index in range(len(machine.faults)):
        begun = machine.after(machine.start.state, Event(BEGINS, index))
        ended = machine.after(begun.state, Event(ENDS, index))
        again = machine.after(ended.state, Event(BEGINS, index))
        moves = _moves(machine.start, begun)
        later = _moves(begun, ended) + _moves(ended, again)
        most = 0 if design.is_latched else 2
        if moves > 1 or (moves and later > most):
            events = [findings.words(Event(action, index)) for action in (BEGINS, ENDS, BEGINS)]
            findings.violate(
                ONCE,
                tuple(events if later > most else events[:1]),
                f"the answer for {design.name} changes {moves + later} times",
                ended,
            )


def check_state(findings: Findings, step: Transition) -> None:
    """Check what must hold in every state: devices are served, and normal can be reached."""
    _check_served(findings, step)
    if RETURNS not in findings.violations:
        _check_returns(findings, step)


def _check_served(findings: Findings, step: Transition) -> None:
    machine, design = findings.machine, findings.design
    state = step.state
    record = next(
        (
            record
            for record in _answered(step.answer)
            if record.id in design.sites and not machine.serves(record.id, state)
        ),
        None,
    )
    if record is None:
        return
    site = design.sites[record.id]
    faults = _invisible(findings, record, site, state)
    if not faults and SERVED in findings.violations:
        return
    switched = _switched(findings, state)
    serving = [
        other
        for id_, other in design.sites.items()
        if machine.serves(id_, state) and id_ not in switched
    ]
    if not serving:
        return
    if faults:
        findings.unseen.update(dict.fromkeys(f"{fault}" for fault in faults))
        return
    why = site.problem or " and ".join(str(fault) for fault in _active(findings, site, state))
    findings.violate(
        SERVED,
        findings.history(state),
        f"{design.name} leads to {site.place}, which does not serve ({why}),"
        f" while {' and '.join(dict.fromkeys(other.place for other in serving))} would",
        step,
    )


def _answered(answer: Answer) -> Sequence[Record]:
    """Return the records that may be answered: of weighted ones and the like each healthy one."""
    last = answer.decisions[-1]
    if last.chosen.is_failover or len(last.candidates) == 1:
        return (last.chosen,)
    healthy = [record for record, status in last.records if status.healthy is not False]
    return healthy or [record for record, _ in last.records]


def _switched(findings: Findings, state: MachineState) -> Container[str]:
    """Return the ids of the records that an operator takes devices away from."""
    if state.operator < 0:
        return ()
    alarms = set_bits(findings.machine.alarms.switches[state.operator])
    switches = {findings.design.alarms[index].check.id for index in alarms}
    return {
        record.id
        for named in findings.design.evaluation.records.values()
        for record in named
        if not switches.isdisjoint(findings.asked(record))
    }


def _invisible(
    findings: Findings, record: Record, site: RecordTarget, state: MachineState
) -> tuple[Fault, ...]:
    """Return the faults of a site if no check of its record can see any of them."""
    design, active = findings.design, _active(findings, site, state)
    invisible = _INVISIBLE
    if design.is_deep and site.region == design.primary:
        # The deep check connects by the regional name, which has a certificate of its own.
        is_adopted = site.region == design.adopted
        invisible = frozenset({FaultKind.CERTIFICATE} if is_adopted else ())
    if site.problem or not active or not invisible.issuperset(fault.kind for fault in active):
        return ()
    asked = findings.asked(record)
    probes = [probe for probe in design.probes if probe.check in asked]
    sees_region = any(
        not probe.problem and site.fails_on - set(active) & probe.fails_on for probe in probes
    )
    return active if sees_region else ()


def _active(findings: Findings, site: RecordTarget, state: MachineState) -> tuple[Fault, ...]:
    return tuple(fault for fault in findings.active(state) if fault in site.fails_on)


def _check_returns(findings: Findings, step: Transition) -> None:
    """Check that the first answer returns after faults end and switches are put back."""
    machine = findings.machine
    last = step
    for index in set_bits(step.state.faults):
        last = machine.after(last.state, Event(ENDS, index))
    last = machine.put_back(last.state)
    if last.answer.leads_to != machine.start.answer.leads_to:
        findings.violate(
            RETURNS,
            (*findings.history(step.state), "every fault ends and every switch is put back"),
            f"{findings.design.name} still leads to {findings.led(last.answer)}",
            last,
        )


def _moves(before: Transition, step: Transition) -> int:
    """Count how often the place changes from the answer before through those of a step."""
    places = [before.answer.leads_to, *(answer.leads_to for answer in step.answers)]
    return sum(place != following for place, following in pairwise(places))
