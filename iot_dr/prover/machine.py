"""The transitions of a design: what an event does to its checks, alarms and answer.

Faults and failing checks are bits of whole numbers, since a proof takes a million transitions.
What it assumes of AWS is in docs/adr/0036-prover.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from iot_dr.design.design import Alarm, Design, Fault, FaultKind, Site
from iot_dr.route53.check import AlarmState
from iot_dr.route53.evaluation import Answer

Action = str
BEGINS: Final = "begins"
ENDS: Final = "ends"
AWAY: Final = "away"
BACK: Final = "back"
SILENCE: Final = "silence"

_SILENT: Final[dict[str, AlarmState]] = {
    "missing": "INSUFFICIENT_DATA",
    "breaching": "ALARM",
    "notBreaching": "OK",
}


class Event(NamedTuple):
    """One event: a fault begins or ends, a switch is put, or no data arrive for ten minutes.

    `index` is that of the fault or the alarm.
    """

    action: Action
    index: int = 0


class State(NamedTuple):
    """What is remembered between events.

    `faults` are bits; `alarms` the states of the alarms as Route 53 evaluates them; `healthy` the
    last statuses of the checks on them, as bits; `operator` the alarm whose switch an operator has
    put, -1 for none.
    """

    faults: int
    alarms: tuple[AlarmState, ...]
    healthy: int
    operator: int = -1


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and the answers that followed each other; the last one stays."""

    state: State
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
        self._probes = tuple(
            (probe.check, self.mask(probe.fails_on), bool(probe.problem)) for probe in design.probes
        )
        self._homes = tuple(self.lost(alarm.region) for alarm in design.alarms)
        self._watchers = tuple(
            (
                self.mask(watcher.fails_on),
                self.mask(watcher.sees),
                self.mask(watcher.blind_with),
                self._switch(watcher.primary, watcher.region),
                watcher.primary if watcher.follows else None,
            )
            for watcher in design.watchers
        )
        self._stops = {id_: self.mask(site.fails_on) for id_, site in design.sites.items()}
        self._answers: dict[int, Answer] = {}
        alarms: tuple[AlarmState, ...] = ("INSUFFICIENT_DATA",) * len(design.alarms)
        healthy = sum(
            1 << index
            for index, alarm in enumerate(design.alarms)
            if alarm.check.is_healthy_without_data
        )
        self.start = self._settle(State(0, alarms, healthy))

    def mask(self, faults: frozenset[Fault]) -> int:
        """Return the bits of those faults that the design has."""
        return sum(self._bits.get(fault, 0) for fault in faults)

    def lost(self, region: str | None) -> int:
        """Return the bit of the loss of a region, 0 if none is known."""
        return self._bits.get(Fault(region, FaultKind.REGION), 0) if region else 0

    def site(self, answer: Answer) -> Site | None:
        """Return where an answer leads, None if that is not known."""
        return self.design.sites.get(answer.record.id)

    def serves(self, record: str, state: State) -> bool:
        """Whether devices are served where a record leads."""
        site = self.design.sites[record]
        return not site.problem and not self._stops[record] & state.faults

    def events(self, state: State, most_faults: int) -> Iterator[Event]:
        """Yield what can happen in a state with at most so many faults and one switch put."""
        can_begin = state.faults.bit_count() < most_faults
        for index in range(len(self.faults)):
            if state.faults >> index & 1:
                yield Event(ENDS, index)
            elif can_begin:
                yield Event(BEGINS, index)
        for index in range(len(self.design.alarms)):
            if state.faults & self._homes[index] or self.design.alarms[index].away is None:
                continue
            if state.operator < 0:
                yield Event(AWAY, index)
            if state.operator in {-1, index}:
                yield Event(BACK, index)
        if self.design.alarms:
            yield Event(SILENCE)

    def after(self, state: State, event: Event) -> Step:
        """Return what follows an event."""
        faults, alarms, healthy, operator = state
        match event.action:
            case "begins":
                faults |= 1 << event.index
            case "ends":
                faults &= ~(1 << event.index)
            case "away" | "back":
                alarms = self._put(alarms, event)
                operator = event.index if event.action == AWAY else -1
            case _:
                return self._silenced(state)
        return self._settle(State(faults, alarms, healthy, operator))

    def _silenced(self, state: State) -> Step:
        """Return what follows ten minutes without data.

        First the alarms change as `TreatMissingData` says. Then Route 53, which reads the metric
        itself, has no data for their checks until the next data point.
        """
        alarms = tuple(map(_after_silence, self.design.alarms, state.alarms))
        first = self._settle(state._replace(alarms=alarms))
        unknown: tuple[AlarmState, ...] = ("INSUFFICIENT_DATA",) * len(alarms)
        last = self._settle(first.state._replace(alarms=unknown))
        return Step(last.state, (*first.answers, *last.answers))

    def _put(self, alarms: tuple[AlarmState, ...], event: Event) -> tuple[AlarmState, ...]:
        alarm = self.design.alarms[event.index]
        put = alarm.away if event.action == AWAY else alarm.back
        return alarms if put is None else _with(alarms, event.index, put)

    def _settle(self, state: State) -> Step:
        """Follow checks, answer and watchers until nothing changes any more."""
        answers = list[Answer]()
        while True:
            healthy = self._healthy(state)
            state = state._replace(healthy=healthy)
            answer = self._answer(state.faults, healthy)
            answers.append(answer)
            alarms = self._watched(state, answer)
            if alarms == state.alarms:
                return Step(state, tuple(answers))
            state = state._replace(alarms=alarms)

    def _healthy(self, state: State) -> int:
        """Return the statuses of the checks on alarms; one in a lost region has no data."""
        healthy = 0
        for index, alarm in enumerate(self.design.alarms):
            is_lost = state.faults & self._homes[index]
            seen: AlarmState = "INSUFFICIENT_DATA" if is_lost else state.alarms[index]
            last = bool(state.healthy >> index & 1)
            healthy |= alarm.check.is_healthy_by_alarm(seen, last=last) << index
        return healthy

    def _answer(self, faults: int, healthy: int) -> Answer:
        passing = healthy
        for index, (_, mask, never) in enumerate(self._probes, len(self._homes)):
            passing |= (not never and not mask & faults) << index
        if passing not in self._answers:
            ids = [alarm.check.id for alarm in self.design.alarms]
            ids += [check for check, _, _ in self._probes]
            states = {id_: bool(passing >> index & 1) for index, id_ in enumerate(ids)}
            self._answers[passing] = self.design.evaluation.answer(self.design.name, states)
        return self._answers[passing]

    def _watched(self, state: State, answer: Answer) -> tuple[AlarmState, ...]:
        """Return the states of the alarms after the watchers have acted on an answer."""
        alarms = state.alarms
        for fails, sees, blind, switch, primary in self._watchers:
            site = self.site(answer)
            region = site.region if site else None
            has_moved = primary is not None and region not in {None, primary}
            acts = not state.faults & (fails | blind) and (has_moved or state.faults & sees)
            if acts and switch is not None and state.operator != switch:
                away = self.design.alarms[switch].away
                alarms = alarms if away is None else _with(alarms, switch, away)
        return alarms

    def _switch(self, region: str, keeper: str) -> int | None:
        """Return the index of the alarm in `keeper` for a region's switch; None without one."""
        for index, alarm in enumerate(self.design.alarms):
            if alarm.switched == region and alarm.region == keeper:
                return index
        return None


def _after_silence(alarm: Alarm, state: AlarmState) -> AlarmState:
    """Return an alarm's state after ten minutes without data.

    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
    """
    return _SILENT.get(alarm.missing_data, state)


def _with(alarms: tuple[AlarmState, ...], index: int, put: AlarmState) -> tuple[AlarmState, ...]:
    return (*alarms[:index], put, *alarms[index + 1 :])
