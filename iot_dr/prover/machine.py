"""The transitions of a design: what an event does to its checks, alarms and answer.

Faults and failing checks are bits of whole numbers, since a proof takes a million transitions.
What it assumes of AWS is in docs/adr/0036-prover.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from iot_dr.design.design import Design, Fault, FaultKind, RecordTarget, Watcher
from iot_dr.prover.alarm_bits import AlarmBits, States
from iot_dr.prover.bits import Passing, set_bits
from iot_dr.route53.evaluation import Answer

# Alarms of a region as bits, after the bit of its loss.
_AlarmsByLoss = Sequence[tuple[int, int]]
BEGINS: Final = "begins"
ENDS: Final = "ends"
AWAY: Final = "away"
BACK: Final = "back"
SILENCE: Final = "silence"
FORGET: Final = "forget"


class Event(NamedTuple):
    """One event: a fault begins or ends, a switch is put, or no data arrive for ten minutes.

    `index` is that of the fault, of the first alarm of the switch, or of the first alarm of the
    region whose switches Route 53 forgets: after ten minutes without data it takes them for back.
    """

    action: str
    index: int = 0


class MachineState(NamedTuple):
    """What is remembered between events.

    `faults` are bits, and so are `healthy`, the last statuses of the checks on alarms, and
    `registers`, the alarms whose register says away; `operator` is the first alarm of the switch
    that an operator has put, -1 for none.
    """

    faults: int
    alarms: States
    healthy: int
    operator: int = -1
    registers: int = 0


@dataclass(frozen=True, slots=True)
class Transition:
    """The state after an event, and the answers that followed each other; the last one stays."""

    state: MachineState
    answers: tuple[Answer, ...]

    @property
    def answer(self) -> Answer:
        """The answer that holds until the next event."""
        return self.answers[-1]


class Machine:
    """A design that moves from state to state.

    A fault lasts until every check, the watcher and the answer have followed it.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        self.faults = design.faults
        self._bits = {fault: 1 << index for index, fault in enumerate(self.faults)}
        self.alarms = AlarmBits(design, self.mask)
        self._watchers = tuple(
            _Watching(
                fails=self.mask(watcher.fails_on | watcher.blind_with),
                sees=self.mask(watcher.sees),
                earlier=frozenset(watcher.away[:-1]),
                regions=frozenset(watcher.away) if watcher.follows else None,
                alarms=tuple(self._kept(watcher)),
                registers=self.alarms.of(watcher.registers) & self.alarms.registered,
            )
            for watcher in design.watchers
        )
        signals = (*(alarm.check.id for alarm in design.alarms), *(p.check for p in design.probes))
        self._places = {id_: index for index, id_ in enumerate(signals)}
        self._able, self._failing = self._outcomes()
        self._stops = {id_: self.mask(site.fails_on) for id_, site in design.sites.items()}
        self._answers: dict[int, Answer] = {}
        self._settled: dict[MachineState, Transition] = {}
        self._back: dict[MachineState, Transition] = {}
        unknown = self.alarms.without_data(States(0, 0), self.alarms.all)
        self.start = self._settle(MachineState(0, unknown, self.alarms.healthy))

    def mask(self, faults: frozenset[Fault]) -> int:
        """Return the bits of those faults that the design has."""
        return sum(self._bits.get(fault, 0) for fault in faults)

    def site(self, answer: Answer) -> RecordTarget | None:
        """Return where an answer leads, None if that is not known."""
        return self.design.sites.get(answer.record.id)

    def serves(self, record: str, state: MachineState) -> bool:
        """Whether devices are served where a record leads."""
        site = self.design.sites[record]
        return not site.problem and not self._stops[record] & state.faults

    def events(self, state: MachineState, most_faults: int) -> Iterator[Event]:
        """Yield what can happen in a state with at most so many faults and one switch put."""
        can_begin = state.faults.bit_count() < most_faults
        for index in range(len(self.faults)) if can_begin else set_bits(state.faults):
            if state.faults >> index & 1:
                yield Event(ENDS, index)
            else:
                yield Event(BEGINS, index)
        # A data point sets an alarm whose region is not lost.
        usable = self.alarms.usable & ~self.alarms.lost(state.faults)
        for switch, alarms in self.alarms.switches.items():
            if alarms & usable and state.operator < 0:
                yield Event(AWAY, switch)
            if alarms & usable and state.operator in {-1, switch}:
                yield Event(BACK, switch)
        if self.design.alarms:
            yield Event(SILENCE)
        for first in self.alarms.forgettable:
            if self.forgotten(state, first):
                yield Event(FORGET, first)

    def forgotten(self, state: MachineState, first: int) -> int:
        """Return the alarms of a region that lead devices away and that no publisher repeats.

        `first` is the first alarm of the region.
        """
        repeated = state.registers & self.alarms.repeated(state.faults)
        return self.alarms.forgettable[first] & ~(state.healthy | repeated)

    def after(self, state: MachineState, event: Event) -> Transition:
        """Return what follows an event."""
        faults, alarms, healthy, operator, registers = state
        match event.action:
            case "begins":
                faults |= 1 << event.index
            case "ends":
                faults &= ~(1 << event.index)
                return self._published(MachineState(faults, alarms, healthy, operator, registers))
            case "away" | "back":
                # It is put in every region with its alarm that is not lost, in the register too.
                put = self.alarms.switches[event.index] & ~self.alarms.lost(faults)
                alarms = self.alarms.put(alarms, put, event.action)
                registers &= ~put
                if event.action == AWAY:
                    registers |= put & self.alarms.registered
                operator = event.index if event.action == AWAY else -1
            case "forget":
                forgotten = self.forgotten(state, event.index)
                alarms, healthy = self.alarms.without_data(alarms, forgotten), healthy | forgotten
            case _:
                return self._silenced(state)
        return self._settle(MachineState(faults, alarms, healthy, operator, registers))

    def _silenced(self, state: MachineState) -> Transition:
        """Return what follows ten minutes without data.

        First the alarms change as `TreatMissingData` says. Then Route 53, which reads the metric
        itself, has no data for their checks until the next data point.
        """
        first = self._settle(state._replace(alarms=self.alarms.treated(state.alarms)))
        unknown = self.alarms.without_data(first.state.alarms, self.alarms.all)
        silent = self._settle(first.state._replace(alarms=unknown))
        last = self._published(silent.state)
        return Transition(last.state, (*first.answers, *silent.answers, *last.answers))

    def _published(self, state: MachineState) -> Transition:
        """Return what follows once every running publisher has put what its registers say."""
        repeated = state.registers & self.alarms.repeated(state.faults)
        alarms = self.alarms.put(state.alarms, repeated, AWAY)
        return self._settle(state if alarms == state.alarms else state._replace(alarms=alarms))

    def put_back(self, state: MachineState) -> Transition:
        """Return what follows when every switch is put back."""
        if state not in self._back:
            step = self._settle(state)
            for switch in self.alarms.switches:
                step = self.after(step.state, Event(BACK, switch))
            self._back[state] = step
        return self._back[state]

    def _settle(self, state: MachineState) -> Transition:
        step = self._settled.get(state)
        if step is None:
            step = self._settled[state] = self._followed(state)
        return step

    def _followed(self, state: MachineState) -> Transition:
        """Follow checks, answer and watchers until nothing changes any more."""
        faults, alarms, healthy, operator, registers = state
        lost, answers = self.alarms.lost(faults), list[Answer]()
        while True:
            # An alarm in a lost region has no data.
            seen = self.alarms.without_data(alarms, lost) if lost else alarms
            healthy = self.alarms.healthy_by(seen, healthy)
            answer = self._answer(faults, healthy)
            answers.append(answer)
            put, written = self._watched(faults, operator, answer)
            after = self.alarms.put(alarms, put, AWAY) if put else alarms
            if after == alarms and not written & ~registers:
                break
            alarms, registers = after, registers | written
        alarms = self.alarms.merged(alarms, healthy)
        return Transition(
            MachineState(faults, alarms, healthy, operator, registers), tuple(answers)
        )

    def answer(self, state: MachineState) -> Answer:
        """Return the answer that holds in a state."""
        return self._answer(state.faults, state.healthy)

    def _answer(self, faults: int, healthy: int) -> Answer:
        passing = healthy | self._able
        for index in set_bits(faults):
            passing &= ~self._failing[index]
        if passing not in self._answers:
            states = Passing(self._places, passing)
            self._answers[passing] = self.design.evaluation.answer(self.design.name, states)
        return self._answers[passing]

    def _outcomes(self) -> tuple[int, Sequence[int]]:
        """Return the bits of the probes that can pass, and of those that fail by each fault."""
        able, failing = 0, [0] * len(self.faults)
        for index, probe in enumerate(self.design.probes, len(self.design.alarms)):
            able |= (not probe.problem) << index
            for fault in probe.fails_on & self._bits.keys():
                failing[self._bits[fault].bit_length() - 1] |= 1 << index
        return able, failing

    def _watched(self, faults: int, operator: int, answer: Answer) -> tuple[int, int]:
        """Return the alarms that watchers put after an answer, and the registers they write."""
        site, put, written = self.site(answer), 0, 0
        region = site.region if site else None
        for watching in self._watchers:
            if not watching.acts(faults, region):
                continue
            for switch, kept in watching.alarms:
                if switch != operator:
                    there = next((bits for home, bits in kept if not faults & home), 0)
                    put |= there
                    written |= there & watching.registers
        return put, written

    def _kept(self, watcher: Watcher) -> Iterator[tuple[int, _AlarmsByLoss]]:
        """Yield the switches that a watcher puts, each with its alarms in the order of attempts."""
        places = dict(zip(watcher.away, watcher.alarm_regions, strict=True))
        for switch, bits in self.alarms.switches.items():
            alarm_regions = places.get(self.design.alarms[switch].switched, ())
            lost = (self.mask(frozenset({Fault(each, FaultKind.REGION)})) for each in alarm_regions)
            kept = zip(lost, (bits & self.alarms.of({each}) for each in alarm_regions), strict=True)
            yield switch, [(home, each) for home, each in kept if each]


class _Watching(NamedTuple):
    """A watcher in bits: what stops it and what it sees, and the alarms that it puts.

    `regions` are those that it watches and those before it, None if it does not follow the answer;
    `registers` the alarms whose register it writes.
    """

    fails: int
    sees: int
    earlier: frozenset[str]
    regions: frozenset[str] | None
    alarms: tuple[tuple[int, _AlarmsByLoss], ...]
    registers: int

    def acts(self, faults: int, region: str | None) -> bool:
        """Whether it switches devices away that are led to a region; None is not known."""
        if faults & self.fails:
            return False
        if self.regions is not None and region is not None and region not in self.regions:
            return True
        is_used = not self.earlier or (region is not None and region not in self.earlier)
        return bool(is_used and faults & self.sees)
