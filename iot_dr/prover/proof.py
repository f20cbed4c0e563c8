"""Properties of a design, proved over every state within a bound or disproved by an example."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from iot_dr.common.assumptions import Part, used
from iot_dr.design.design import Design
from iot_dr.design.notes import Note
from iot_dr.prover.findings import Findings, Violation
from iot_dr.prover.machine import ENDS, SILENCE, Machine
from iot_dr.prover.serving import (
    check_losses,
    check_normal,
    check_records,
    check_single_failures,
    check_state,
)
from iot_dr.prover.switching import check_judges, check_stays, check_switches

ARRIVES: Final = "a change of device data in one region arrives in every other"
MOST_FAULTS: Final = 2
"""Faults at the same time."""
MOST_STATES: Final = 30_000
"""States of one design, of which five regions have some 15,000."""
_MOST_WORK: Final = 300 * MOST_STATES
"""States, each with the alarms and records that are evaluated in it, for each switch.

The product is below 150 for five regions; a search of thousands of alarms would take hours.
"""
MOST_EVENTS: Final = 6
"""Events after each other, from the state in which all regions are healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found about one device name.

    `unseen` are the faults that led to a region that does not serve, since no check of the record
    sees them; `notes` what is assumed. `possible` are violations that there are not if what is not
    declared works, and `unknown` what else decides and is not known: with either nothing is proved,
    as with too many states or alarms for a search, when it is not `is_complete`. `assumptions` are
    ids of the ledger.
    """

    name: str
    states: int
    transitions: int
    violations: tuple[Violation, ...]
    is_complete: bool = True
    possible: tuple[Violation, ...] = ()
    unknown: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["proved", "disproved", "not proved"]:
        """What is proved of the name; `not proved` if something that is not known decides."""
        if self.violations:
            return "disproved"
        return "proved" if self.is_proved else "not proved"

    @property
    def is_proved(self) -> bool:
        """Whether every property holds in every state within the bound."""
        is_open = self.violations or self.possible or self.unknown
        return self.is_complete and not is_open


def prove(design: Design) -> Proof:
    """Prove or disprove a design over every sequence within the bound.

    States are searched only if normal operation violates nothing.
    """
    findings, transitions = Findings(Machine(design)), 0
    check_records(findings)
    check_normal(findings)
    most_states = _most_states(findings.machine)
    if not findings.violations and most_states:
        check_state(findings, findings.machine.start)
        for check in (check_losses, check_single_failures, check_switches, check_judges):
            check(findings)
        transitions = _search(findings, most_states)
    return Proof(
        name=design.name,
        states=findings.states,
        transitions=transitions,
        violations=(*findings.violations.values(), *_losses(design)),
        is_complete=findings.states <= most_states,
        unknown=(*design.unknown, *design.inferred),
        unseen=tuple(sorted(findings.unseen)),
        notes=design.notes,
        assumptions=used("prove", _parts(design)),
    )


def _parts(design: Design) -> set[Part]:
    """Return the parts of a design about which something is assumed of AWS."""
    records = (record for named in design.evaluation.records.values() for record in named)
    parts: dict[Part, bool] = {
        "always": True,
        "alias": any(record.is_alias and record.is_failover for record in records),
        "switch": any(alarm.switched for alarm in design.alarms),
        "watcher": bool(design.watchers),
    }
    return {part for part, is_there in parts.items() if is_there}


def _most_states(machine: Machine) -> int:
    """Return how many states may be searched; 0 if single failures are too many already."""
    design, switches = machine.design, len(machine.switches)
    # Of failover records of the name itself only the first healthy one is asked for, unless a
    # switch is followed through all of them.
    evaluated = [
        record
        for name, records in design.evaluation.records.items()
        for record in records
        if switches or name != design.name or not record.is_failover
    ]
    cost = 1 + len(design.alarms) + len(evaluated)
    if cost * (len(machine.faults) + switches) > _MOST_WORK:
        return 0
    return min(MOST_STATES, _MOST_WORK // (cost * (1 + switches)))


def _losses(design: Design) -> Iterator[Violation]:
    """Yield the violation that device data does not arrive, with its causes after the first."""
    if design.lost:
        first, *others = design.lost
        yield Violation(property=ARRIVES, events=(), observed=first, reasons=tuple(others))


def _search(findings: Findings, most_states: int) -> int:
    """Check every state, breadth first, and return the number of transitions.

    So the first violation of a property is a shortest one.
    """
    machine, transitions = findings.machine, 0
    waiting = deque([(machine.start.state, 0)])
    while waiting and findings.states <= most_states:
        state, depth = waiting.popleft()
        for event in machine.events(state, MOST_FAULTS):
            step = machine.after(state, event)
            transitions += 1
            if event.action in {ENDS, SILENCE}:
                check_stays(findings, state, event, step)
            if findings.reach(step.state, state, event):
                check_state(findings, step)
                if depth + 1 < MOST_EVENTS:
                    waiting.append((step.state, depth + 1))
    return transitions
