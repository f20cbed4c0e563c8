"""The search of a design's states for what violates a property."""

from collections import deque
from collections.abc import Hashable
from dataclasses import replace
from typing import Final, NamedTuple

from iot_dr.design.design import Design
from iot_dr.prover.findings import Findings, Violation
from iot_dr.prover.machine import ENDS, FORGET, SILENCE, Machine
from iot_dr.prover.serving import (
    check_losses,
    check_normal,
    check_records,
    check_single_failures,
    check_state,
)
from iot_dr.prover.switching import check_judges, check_stays, check_switches

MOST_FAULTS: Final = 2
"""Faults at the same time."""
MOST_STATES: Final = 30_000
"""States of one design, of which five regions have some 19,000."""
_MOST_WORK: Final = 300 * MOST_STATES
"""States, each with the alarms and records that are evaluated in it, for each switch.

The product is below 150 for five regions; a search of thousands of alarms would take hours.
"""
MOST_EVENTS: Final = 6
"""Events after each other, from the state in which all regions are healthy."""


class Search(NamedTuple):
    """What was found, with the sizes of the search; `Proof` says what the fields are."""

    states: int
    transitions: int
    violations: tuple[Violation, ...]
    is_complete: bool
    unseen: tuple[str, ...]


# By structure, of designs without a violation.
_RIGHT: Final[dict[Hashable, Search]] = {}
_MOST_RIGHT: Final = 1000


def searched(design: Design) -> Search:
    """Search a design over every sequence within the bound.

    Designs of one structure without a violation are searched once: a zone may have thousands of
    names with the same targets and checks, and rules and commands want the same. A violation names
    more than the structure.
    """
    structure = _structure(design)
    result = _RIGHT.get(structure)
    if result is None:
        result = search(design)
        if not result.violations:
            if len(_RIGHT) >= _MOST_RIGHT:
                _RIGHT.clear()
            _RIGHT[structure] = result
    return result


def search(design: Design) -> Search:
    """Search a design; its states only if normal operation violates nothing."""
    findings, transitions = Findings(Machine(design)), 0
    check_records(findings)
    check_normal(findings)
    most_states = _most_states(findings.machine)
    if not findings.violations and most_states:
        check_state(findings, findings.machine.start)
        for check in (check_losses, check_single_failures, check_switches, check_judges):
            check(findings)
        transitions = _follow(findings, most_states)
    return Search(
        states=findings.states,
        transitions=transitions,
        violations=tuple(findings.violations.values()),
        is_complete=findings.states <= most_states,
        unseen=tuple(sorted(findings.unseen)),
    )


def _structure(design: Design) -> Hashable:
    """Return everything that a search depends on but names: of records, targets and checks.

    It refers to no resource, so that a result that is kept keeps no plan in memory.
    """
    numbers = dict[str, int]()

    def numbered(*names: str) -> tuple[int, ...]:
        return tuple(numbers.setdefault(name, len(numbers)) for name in names)

    numbered("", design.name)
    records = [
        (
            numbered(record.name, record.check, record.target),
            (record.routing, record.side, record.is_alias, record.evaluates_target),
            design.sites.get(record.id),
        )
        for named in design.evaluation.records.values()
        for record in named
    ]
    checks = [
        (
            numbered(check.id, *check.children),
            (check.type, check.child_threshold, check.inverted, check.disabled),
        )
        for check in design.evaluation.checks.values()
    ]
    probes = [(numbered(probe.check), replace(probe, check="")) for probe in design.probes]
    alarms = [(numbered(alarm.check.id), alarm) for alarm in design.alarms]
    parts = (
        tuple(checks),
        tuple(probes),
        tuple(alarms),
        design.watchers,
        design.publishers,
        design.regions,
    )
    facts = (design.is_latched, design.primary, design.is_deep, design.adopted)
    return (tuple(records), parts, design.refused, facts)


def _most_states(machine: Machine) -> int:
    """Return how many states may be searched; 0 if single failures are too many already."""
    design, switches = machine.design, len(machine.alarms.switches)
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


def _follow(findings: Findings, most_states: int) -> int:
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
            if event.action in {ENDS, SILENCE, FORGET}:
                check_stays(findings, state, event, step)
            if findings.reach(step.state, state, event):
                check_state(findings, step)
                if depth + 1 < MOST_EVENTS:
                    waiting.append((step.state, depth + 1))
    return transitions
