"""Properties of a design, proved over every state within a bound or disproved by an example."""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from iot_dr.design.design import Design, Fault, FaultKind, Site
from iot_dr.prover.machine import AWAY, BACK, BEGINS, ENDS, SILENCE, Event, Machine, State, Step
from iot_dr.route53.record import Record

MOST_FAULTS: Final = 2
"""Faults at the same time."""
MOST_STATES: Final = 30_000
"""States of one design, of which five regions have some 15,000."""
MOST_EVENTS: Final = 6
"""Events after each other, from the state in which all regions are healthy."""

# What a check that only connects, or one of a certificate's other name, cannot see (ADR 0036).
_INVISIBLE: Final = frozenset((FaultKind.SILENT_IOT, FaultKind.CERTIFICATE))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found about one device name.

    `unseen` are the faults that led to a region that does not serve, since no check of the record
    sees them; `notes` what is assumed or not known. A design with more than `MOST_STATES` states is
    not `is_complete`: nothing is proved.
    """

    name: str
    states: int
    transitions: int
    violations: tuple[Violation, ...]
    is_complete: bool = True
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether every property holds in every state within the bound."""
        return self.is_complete and not self.violations


def prove(design: Design) -> Proof:
    """Prove or disprove a design over every sequence within the bound."""
    return _Search(design).run()


@dataclass(slots=True)
class _Search:
    """A breadth-first search, so the first violation of a property is a shortest one."""

    design: Design
    machine: Machine = field(init=False)
    violations: dict[str, Violation] = field(default_factory=dict[str, Violation])
    unseen: dict[str, None] = field(default_factory=dict[str, None])
    transitions: int = 0
    _from: dict[State, tuple[State, Event] | None] = field(
        default_factory=dict[State, tuple[State, Event] | None]
    )

    def __post_init__(self) -> None:
        self.machine = Machine(self.design)

    def run(self) -> Proof:
        """Search, unless normal operation already violates a property."""
        start = self.machine.start
        self._from[start.state] = None
        self._normal(start)
        if not self.violations:
            self._check(start)
            self._losses(start)
            self._single_failures()
            self._switches()
            self._judges()
            self._search(start.state)
        return Proof(
            name=self.design.name,
            states=len(self._from),
            transitions=self.transitions,
            violations=tuple(self.violations.values()),
            is_complete=len(self._from) <= MOST_STATES,
            unseen=tuple(sorted(self.unseen)),
            notes=self.design.notes,
        )

    def _search(self, start: State) -> None:
        waiting = deque([(start, 0)])
        while waiting and len(self._from) <= MOST_STATES:
            state, depth = waiting.popleft()
            for event in self.machine.events(state, MOST_FAULTS):
                step = self.machine.after(state, event)
                self.transitions += 1
                if step.state not in self._from:
                    self._from[step.state] = (state, event)
                    self._check(step)
                    if depth + 1 < MOST_EVENTS:
                        waiting.append((step.state, depth + 1))

    def _normal(self, start: Step) -> None:
        """Check that while all regions are healthy every record is, and the primary serves."""
        for site in self.design.sites.values():
            if site.problem:
                self._violate(_NORMAL, (), f"{site.place} never serves: {site.problem}", start)
        for decision in start.answer.decisions:
            for record, status in decision.records:
                if status.healthy is False:
                    observed = f"the {record.side} record of {decision.name} is never healthy"
                    self._violate(_NORMAL, (), observed, start)
        first, primary = self.machine.site(start.answer), self.design.primary
        if primary and first and first.region != primary:
            observed = f"{self.design.name} leads to {first.place}, not to {primary}"
            self._violate(_NORMAL, (), observed, start)

    def _losses(self, start: Step) -> None:
        """Check that after the loss of any one region another one serves."""
        for index, fault in enumerate(self.machine.faults):
            lost = self.machine.after(start.state, Event(BEGINS, index))
            sites = self.design.sites
            if fault.kind is FaultKind.REGION and not any(
                self.machine.serves(id_, lost.state) for id_ in sites
            ):
                observed = f"nothing that {self.design.name} leads to serves"
                self._violate(_SURVIVES, (str(fault),), observed, lost)

    def _check(self, step: Step) -> None:
        """Check what must hold in every state: devices are served, and normal can be reached."""
        self._served(step)
        if "returns" not in self.violations:
            self._returns(step)

    def _served(self, step: Step) -> None:
        machine, state, record = self.machine, step.state, step.answer.record
        if record.id not in self.design.sites or machine.serves(record.id, state):
            return
        serving = [
            site
            for id_, site in self.design.sites.items()
            if machine.serves(id_, state) and not self._is_switched(id_, state)
        ]
        if not serving:
            return
        site = self.design.sites[record.id]
        if faults := self._invisible(record, site, state):
            self.unseen.update(dict.fromkeys(f"{fault}" for fault in faults))
            return
        why = site.problem or " and ".join(str(fault) for fault in self._active(site, state))
        self._violate(
            "devices are led to a region that serves, while any does",
            self._history(state),
            f"{self.design.name} leads to {site.place}, which does not serve ({why}),"
            f" while {' and '.join(dict.fromkeys(other.place for other in serving))} would",
            step,
        )

    def _is_switched(self, id_: str, state: State) -> bool:
        """Whether an operator takes devices away from where a record leads."""
        if state.operator < 0:
            return False
        switch = self.design.alarms[state.operator].check.id
        return any(
            record.id == id_ and switch in self._asked(record)
            for named in self.design.evaluation.records.values()
            for record in named
        )

    def _invisible(self, record: Record, site: Site, state: State) -> tuple[Fault, ...]:
        """Return the faults of a site if no check of its record can see any of them."""
        active = self._active(site, state)
        is_deep = self.design.is_deep and site.region == self.design.primary
        if (
            site.problem
            or is_deep
            or not active
            or not _INVISIBLE.issuperset(fault.kind for fault in active)
        ):
            return ()
        probes = [probe for probe in self.design.probes if probe.check in self._asked(record)]
        sees_region = any(
            not probe.problem and site.fails_on - set(active) & probe.fails_on for probe in probes
        )
        return active if sees_region else ()

    def _asked(self, record: Record) -> set[str]:
        return set(self.design.evaluation.check_ids(record.check)) if record.check else set()

    def _active(self, site: Site, state: State) -> tuple[Fault, ...]:
        faults = self.machine.faults
        active = (fault for index, fault in enumerate(faults) if state.faults >> index & 1)
        return tuple(fault for fault in active if fault in site.fails_on)

    def _returns(self, step: Step) -> None:
        """Check that the first answer returns after faults end and switches are put back."""
        machine = self.machine
        last = step
        for index in range(len(machine.faults)):
            if last.state.faults >> index & 1:
                last = machine.after(last.state, Event(ENDS, index))
        for index, alarm in enumerate(self.design.alarms):
            if alarm.back is not None:
                last = machine.after(last.state, Event(BACK, index))
        if last.answer.leads_to != machine.start.answer.leads_to:
            self._violate(
                "normal operation can be restored from every state",
                (*self._history(step.state), "every fault ends and every switch is put back"),
                f"{self.design.name} still leads to {self._led(last)}",
                last,
            )

    def _single_failures(self) -> None:
        """Check that a failure, its end, and the same failure again move devices once if latched.

        Without latching devices may also move back and away again.
        """
        machine = self.machine
        for index in range(len(machine.faults)):
            begun = machine.after(machine.start.state, Event(BEGINS, index))
            ended = machine.after(begun.state, Event(ENDS, index))
            again = machine.after(ended.state, Event(BEGINS, index))
            moves = _moves(machine.start, begun)
            later = _moves(begun, ended) + _moves(ended, again)
            most = 0 if self.design.is_latched else 2
            if moves > 1 or (moves and later > most):
                events = [self._words(Event(action, index)) for action in (BEGINS, ENDS, BEGINS)]
                self._violate(
                    "a single failure moves devices at most once",
                    tuple(events if later > most else events[:1]),
                    f"the answer for {self.design.name} changes {moves + later} times",
                    ended,
                )

    def _switches(self) -> None:
        """Check that each switch moves devices away, holds without data, and brings them back.

        Also check that each region of `switches` has one, and that no switch is in the region that
        it takes devices from: nobody can put it while that is lost.
        """
        regions = [alarm.switched for alarm in self.design.alarms if alarm.away is not None]
        for region in self.design.switches:
            if region not in regions:
                self._violate(
                    _SWITCH, (), f"no switch takes devices away from {region}", self.machine.start
                )
        for alarm in self.design.alarms:
            if alarm.switched and alarm.region == alarm.switched:
                observed = f"the switch of {alarm.switched} is in {alarm.switched} itself"
                self._violate(_SWITCH, (), observed, self.machine.start)
        for index in range(len(self.design.alarms)):
            self._switch(index)

    def _switch(self, index: int) -> None:
        before = self._serving(self.design.alarms[index].switched)
        if before is None:
            return
        machine, history = self.machine, self._history
        alarm = self.design.alarms[index]
        away = machine.after(before.state, Event(AWAY, index))
        silent = machine.after(away.state, Event(SILENCE))
        back = machine.after(silent.state, Event(BACK, index))
        words = [self._words(Event(AWAY, index)), self._words(Event(SILENCE))]
        words.append(self._words(Event(BACK, index)))
        place = before.answer.leads_to
        if self._has_alternative(before) and away.answer.leads_to == place:
            observed = f"{self.design.name} still leads to {alarm.switched}"
            self._violate(_SWITCH, (*history(before.state), words[0]), observed, away)
        elif silent.answer.leads_to != away.answer.leads_to:
            observed = f"{self.design.name} leads to {self._led(silent)} again"
            self._violate(_SWITCH, (*history(before.state), *words[:2]), observed, silent)
        elif back.answer.leads_to != place:
            observed = f"{self.design.name} still leads to {self._led(back)}"
            self._violate(_SWITCH, (*history(before.state), *words), observed, back)

    def _serving(self, place: str) -> Step | None:
        """Return a state in which the answer leads to a place, None if no state does.

        Every place before it in the order refuses connections by then.
        """
        step, met = self.machine.start, set[str]()
        while (site := self.machine.site(step.answer)) and site.place not in met:
            if site.place == place:
                return step
            met.add(site.place)
            fault = self._stop(site)
            if fault not in self.machine.faults:
                return None
            event = Event(BEGINS, self.machine.faults.index(fault))
            before, step = step, self.machine.after(step.state, event)
            self._from.setdefault(step.state, (before.state, event))
        return None

    def _stop(self, site: Site) -> Fault:
        """Return the fault that stops a site alone, without the alarms in its region."""
        iot = Fault(site.place, FaultKind.IOT)
        return iot if iot in site.fails_on else Fault(site.name, FaultKind.ENDPOINT)

    def _has_alternative(self, step: Step) -> bool:
        """Whether another region than the one that is answered serves."""
        now = step.answer.record.id
        return any(id_ != now and self.machine.serves(id_, step.state) for id_ in self.design.sites)

    def _judges(self) -> None:
        """Check that no region is judged by its own alarms alone if missing data do not fail."""
        probed = {probe.check for probe in self.design.probes}
        alarms = {alarm.check.id: alarm for alarm in self.design.alarms}
        for named in self.design.evaluation.records.values():
            for record in named:
                site = self.design.sites.get(record.id)
                asked = self._asked(record)
                within = [alarms[id_] for id_ in asked if id_ in alarms]
                if site is None or asked & probed or not within:
                    continue
                if all(
                    alarm.region == site.region
                    and alarm.check.insufficient_data_status != "Unhealthy"
                    for alarm in within
                ):
                    self._violate(
                        "no region is judged from within that region alone",
                        (),
                        f"{site.place} is judged by {within[0].check.id} alone, an alarm in the"
                        " same region: while that is lost, the check keeps its status",
                        self.machine.start,
                    )

    def _violate(self, name: str, events: tuple[str, ...], observed: str, step: Step) -> None:
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

    def _history(self, state: State) -> tuple[str, ...]:
        """Return the events that lead from the start to a state."""
        events = list[str]()
        while entry := self._from[state]:
            state, event = entry
            events.append(self._words(event))
        return tuple(reversed(events))

    def _words(self, event: Event) -> str:
        if event.action == SILENCE:
            return "ten minutes pass without data"
        if event.action in {BEGINS, ENDS}:
            fault = self.machine.faults[event.index]
            return f"{fault}" if event.action == BEGINS else f"that ends ({fault})"
        region = self.design.alarms[event.index].switched
        return f"{region} is switched {event.action}"

    def _led(self, step: Step) -> str:
        site = self.machine.site(step.answer)
        return site.place if site else step.answer.leads_to


_NORMAL: Final = "while all regions are healthy, the primary serves and every record is healthy"
_SURVIVES: Final = "the loss of any one region leaves a region that serves"
_SWITCH: Final = "a switch moves devices away, holds, and brings them back"


def _moves(before: Step, step: Step) -> int:
    """Count how often the place changes from the answer before through those of a step."""
    places = [before.answer.leads_to, *(answer.leads_to for answer in step.answers)]
    return sum(place != following for place, following in pairwise(places))
