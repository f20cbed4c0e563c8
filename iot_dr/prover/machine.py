"""The transitions of a design: what an event does to its checks, alarms and answer.

Faults and failing checks are bits of whole numbers, since a proof takes a million transitions.
What it assumes of AWS is in docs/adr/0036-prover.md.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from iot_dr.design.design import Alarm, Design, Fault, FaultKind, Site, Watcher
from iot_dr.prover.bits import Passing, set_bits
from iot_dr.route53.check import AlarmState
from iot_dr.route53.evaluation import Answer

# Alarms of a region, by the bit of its loss.
_AlarmsByLoss = Sequence[tuple[int, list[int]]]
BEGINS: Final = "begins"
ENDS: Final = "ends"
AWAY: Final = "away"
BACK: Final = "back"
SILENCE: Final = "silence"

# docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
_SILENT: Final[dict[str, AlarmState]] = {
    "missing": "INSUFFICIENT_DATA",
    "breaching": "ALARM",
    "notBreaching": "OK",
}


class Event(NamedTuple):
    """One event: a fault begins or ends, a switch is put, or no data arrive for ten minutes.

    `index` is that of the fault, or of the first alarm of the switch.
    """

    action: str
    index: int = 0


class State(NamedTuple):
    """What is remembered between events.

    `faults` are bits; `alarms` the states of the alarms as Route 53 evaluates them; `healthy` the
    last statuses of the checks on them, as bits; `operator` the first alarm of the switch that an
    operator has put, -1 for none.
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
        self._homes = tuple(self.lost(alarm.region) for alarm in design.alarms)
        self.switches = _switches(design.alarms)
        """The alarms of each switch, as indexes, by the first of them."""
        self._watchers = tuple(
            _Watching(
                fails=self.mask(watcher.fails_on | watcher.blind_with),
                sees=self.mask(watcher.sees),
                earlier=frozenset(watcher.away[:-1]),
                regions=frozenset(watcher.away) if watcher.follows else None,
                alarms=tuple(self._kept(watcher)),
            )
            for watcher in design.watchers
        )
        signals = (*(alarm.check.id for alarm in design.alarms), *(p.check for p in design.probes))
        self._places = {id_: index for index, id_ in enumerate(signals)}
        self._able, self._failing = self._outcomes()
        self._stops = {id_: self.mask(site.fails_on) for id_, site in design.sites.items()}
        self._answers: dict[int, Answer] = {}
        self._settled: dict[State, Step] = {}
        self._lasts = tuple(
            alarm.missing_data == "ignore"
            and alarm.check.insufficient_data_status == "LastKnownStatus"
            and not alarm.check.inverted
            for alarm in design.alarms
        )
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
        for index in range(len(self.faults)) if can_begin else set_bits(state.faults):
            if state.faults >> index & 1:
                yield Event(ENDS, index)
            else:
                yield Event(BEGINS, index)
        for switch, alarms in self.switches.items():
            # A data point sets one whose region is not lost.
            if not any(
                self.design.alarms[index].away is not None and not state.faults & self._homes[index]
                for index in alarms
            ):
                continue
            if state.operator < 0:
                yield Event(AWAY, switch)
            if state.operator in {-1, switch}:
                yield Event(BACK, switch)
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
                alarms = self._put(state, event)
                operator = event.index if event.action == AWAY else -1
            case _:
                return self._silenced(state)
        return self._settle(State(faults, alarms, healthy, operator))

    def _silenced(self, state: State) -> Step:
        """Return what follows ten minutes without data.

        First the alarms change as `TreatMissingData` says. Then Route 53, which reads the metric
        itself, has no data for their checks until the next data point.
        """
        pairs = zip(self.design.alarms, state.alarms, strict=True)
        alarms = tuple(_SILENT.get(alarm.missing_data, was) for alarm, was in pairs)
        first = self._settle(state._replace(alarms=alarms))
        unknown: tuple[AlarmState, ...] = ("INSUFFICIENT_DATA",) * len(alarms)
        last = self._settle(first.state._replace(alarms=unknown))
        return Step(last.state, (*first.answers, *last.answers))

    def _put(self, state: State, event: Event) -> tuple[AlarmState, ...]:
        """Return the alarms after a switch was put in every keeper that is not lost."""
        alarms = [*state.alarms]
        for index in self.switches[event.index]:
            alarm = self.design.alarms[index]
            put = alarm.away if event.action == AWAY else alarm.back
            if put is not None and not state.faults & self._homes[index]:
                alarms[index] = put
        return tuple(alarms)

    def _settle(self, state: State) -> Step:
        """Follow checks, answer and watchers until nothing changes any more."""
        if state not in self._settled:
            answers, now = list[Answer](), state
            while True:
                healthy = self._healthy(now)
                now = now._replace(healthy=healthy)
                answer = self.answer(now)
                answers.append(answer)
                alarms = self._watched(now, answer)
                if alarms == now.alarms:
                    break
                now = now._replace(alarms=alarms)
            self._settled[state] = Step(self._merged(now), tuple(answers))
        return self._settled[state]

    def _merged(self, state: State) -> State:
        """Return the state with one form for alarms that behave alike from now on.

        An alarm that ignores missing data and a check that then keeps its status: without data
        since it was OK or in ALARM, both are as with it.
        """
        alarms: tuple[AlarmState, ...] = tuple(
            ("OK" if state.healthy >> index & 1 else "ALARM") if lasts else alarm
            for index, (alarm, lasts) in enumerate(zip(state.alarms, self._lasts, strict=True))
        )
        return state._replace(alarms=alarms)

    def _healthy(self, state: State) -> int:
        """Return the statuses of the checks on alarms; one in a lost region has no data."""
        healthy = 0
        for index, alarm in enumerate(self.design.alarms):
            is_lost = state.faults & self._homes[index]
            seen: AlarmState = "INSUFFICIENT_DATA" if is_lost else state.alarms[index]
            last = bool(state.healthy >> index & 1)
            healthy |= alarm.check.is_healthy_by_alarm(seen, last=last) << index
        return healthy

    def answer(self, state: State) -> Answer:
        """Return the answer that holds in a state."""
        passing = state.healthy | self._able
        for index in set_bits(state.faults):
            passing &= ~self._failing[index]
        if passing not in self._answers:
            states = Passing(self._places, passing)
            self._answers[passing] = self.design.evaluation.answer(self.design.name, states)
        return self._answers[passing]

    def _outcomes(self) -> tuple[int, Sequence[int]]:
        """Return the bits of the probes that can pass, and of those that fail by each fault."""
        able, failing = 0, [0] * len(self.faults)
        for index, probe in enumerate(self.design.probes, len(self._homes)):
            able |= (not probe.problem) << index
            for fault in probe.fails_on & self._bits.keys():
                failing[self._bits[fault].bit_length() - 1] |= 1 << index
        return able, failing

    def _watched(self, state: State, answer: Answer) -> tuple[AlarmState, ...]:
        """Return the states of the alarms after the watchers have acted on an answer."""
        site, alarms = self.site(answer), [*state.alarms]
        region = site.region if site else None
        for watching in self._watchers:
            if not watching.acts(state.faults, region):
                continue
            for switch, kept in watching.alarms:
                if switch != state.operator:
                    there = next((each for home, each in kept if not state.faults & home), ())
                    for index in there:
                        alarms[index] = self.design.alarms[index].away or alarms[index]
        return tuple(alarms)

    def _kept(self, watcher: Watcher) -> Iterator[tuple[int, _AlarmsByLoss]]:
        """Yield the switches that a watcher puts, each with its alarms in the order of attempts."""
        alarms, keepers = self.design.alarms, dict(zip(watcher.away, watcher.keepers, strict=True))
        for switch, indexes in self.switches.items():
            places = keepers.get(alarms[switch].switched, ())
            kept = [[each for each in indexes if alarms[each].region == place] for place in places]
            yield switch, [(self._homes[each[0]], each) for each in kept if each]


class _Watching(NamedTuple):
    """A watcher in bits: what stops it and what it sees, and the alarms that it puts.

    `regions` are those that it watches and those before it, None if it does not follow the answer.
    """

    fails: int
    sees: int
    earlier: frozenset[str]
    regions: frozenset[str] | None
    alarms: tuple[tuple[int, _AlarmsByLoss], ...]

    def acts(self, faults: int, region: str | None) -> bool:
        """Whether it switches devices away that are led to a region; None is not known."""
        if faults & self.fails:
            return False
        if self.regions is not None and region is not None and region not in self.regions:
            return True
        is_used = not self.earlier or (region is not None and region not in self.earlier)
        return bool(is_used and faults & self.sees)


def _switches(alarms: tuple[Alarm, ...]) -> Mapping[int, Sequence[int]]:
    """Return the alarms of each switch by the first; an alarm of an unknown one is its own."""
    switches = defaultdict[int, list[int]](list)
    firsts = dict[str, int]()
    for index, alarm in enumerate(alarms):
        first = firsts.setdefault(alarm.switched, index) if alarm.switched else index
        switches[first].append(index)
    return switches
