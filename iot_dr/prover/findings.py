"""What a search has found: violations, and how each state was reached."""

from dataclasses import dataclass

from iot_dr.design.design import Design, Fault
from iot_dr.prover.bits import set_bits
from iot_dr.prover.machine import (
    BEGINS,
    ENDS,
    FORGET,
    SILENCE,
    Event,
    Machine,
    MachineState,
    Transition,
)
from iot_dr.route53.evaluation import Answer
from iot_dr.route53.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A property that does not hold, and the shortest sequence of events that shows it.

    `events` and `observed` are sentences without a final dot; `reasons` are lines that say why
    Route 53 answers so.
    """

    property: str
    events: tuple[str, ...]
    observed: str
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        lead = f"{', then '.join(self.events)}: " if self.events else ""
        return f"{lead}{self.observed}"


class Findings:
    """The states that a search has reached, and the first violation of each property.

    `unseen` are the faults that led to a region that does not serve, since no check of the record
    sees them.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.violations: dict[str, Violation] = {}
        self.unseen: dict[str, None] = {}
        self._asked: dict[str, frozenset[str]] = {}
        self._from: dict[MachineState, tuple[MachineState, Event] | None] = {
            machine.start.state: None
        }

    @property
    def design(self) -> Design:
        """The design that is searched."""
        return self.machine.design

    @property
    def states(self) -> int:
        """How many states were reached."""
        return len(self._from)

    def reach(self, state: MachineState, before: MachineState, event: Event) -> bool:
        """Record how a state was reached; false if it had been reached before."""
        if state in self._from:
            return False
        self._from[state] = (before, event)
        return True

    def violate(self, name: str, events: tuple[str, ...], observed: str, step: Transition) -> None:
        """Record a violation of a property, unless it has one."""
        if name not in self.violations:
            problems = [
                f"{probe.check} never passes: {probe.problem}"
                for probe in self.design.probes
                if probe.problem
            ]
            self.violations[name] = Violation(
                property=name,
                events=events,
                observed=observed,
                reasons=(*step.answer.lines(), *problems),
            )

    def history(self, state: MachineState) -> tuple[str, ...]:
        """Return the events that lead from the start to a state."""
        events = list[str]()
        while entry := self._from[state]:
            state, event = entry
            events.append(self.words(event))
        return tuple(reversed(events))

    def words(self, event: Event) -> str:
        """Return an event as a sentence."""
        if event.action == SILENCE:
            return "ten minutes pass without data"
        if event.action == FORGET:
            region = self.design.alarms[event.index].region
            return f"Route 53 forgets the switches in {region}, whose data no publisher repeats"
        if event.action in {BEGINS, ENDS}:
            fault = self.machine.faults[event.index]
            return f"{fault}" if event.action == BEGINS else f"that ends ({fault})"
        region = self.design.alarms[event.index].switched
        return f"{region} is switched {event.action}"

    def active(self, state: MachineState) -> tuple[Fault, ...]:
        """Return the faults of a state."""
        return tuple(self.machine.faults[index] for index in set_bits(state.faults))

    def led(self, answer: Answer) -> str:
        """Return the place that devices are led to, or the answer if that is not known."""
        site = self.machine.site(answer)
        return site.place if site else answer.leads_to

    def asked(self, record: Record) -> frozenset[str]:
        """Return the checks of a record and their children."""
        if record.check not in self._asked:
            ids = self.design.evaluation.check_ids(record.check) if record.check else ()
            self._asked[record.check] = frozenset(ids)
        return self._asked[record.check]
