"""A second model of what the prover enumerates, written for clarity: sets and plain recursion.

It shares the `Design` and the words for events with the prover, and no code of its machine, search
or evaluation. The bound is written out again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from iot_dr.design.design import Alarm, Design, Fault, FaultKind
from iot_dr.route53.check import AlarmState
from iot_dr.route53.record import Record

FAULTS, EVENTS = 2, 6
Event = tuple[Literal["begins", "ends", "away", "back", "silence", "forget"], object]
NO_DATA: AlarmState = "INSUFFICIENT_DATA"


@dataclass(frozen=True)
class State:
    """Faults, alarms and the last statuses of their checks, and the switch of an operator.

    `away` are the alarms whose registers say so.
    """

    faults: frozenset[Fault]
    alarms: tuple[AlarmState, ...]
    healthy: tuple[bool, ...]
    operator: int | None = None
    away: frozenset[int] = frozenset()


class Naive:
    """Every state within the bound, by the number of events after which it is first reached."""

    def __init__(self, design: Design) -> None:
        self.design = design
        alarms: tuple[AlarmState, ...] = (NO_DATA,) * len(design.alarms)
        healthy = tuple(each.check.is_healthy_without_data for each in design.alarms)
        self.start, self.first = self.settled(State(frozenset(), alarms, healthy))

    def levels(self, events: int = EVENTS) -> list[set[State]]:
        """Return the new states after 0, 1 and more events, one of those that behave alike."""
        levels = [{self.start}]
        met = {self.merged(self.start)}
        for _ in range(events):
            after = {
                self.merged(following): following
                for state in levels[-1]
                for following, _ in (self.after(state, event) for event in self.events(state))
            }
            levels.append({following for key, following in after.items() if key not in met})
            met |= after.keys()
        return levels

    def events(self, state: State) -> Iterator[Event]:
        for fault in self.design.faults:
            if fault in state.faults:
                yield "ends", fault
            elif len(state.faults) < FAULTS:
                yield "begins", fault
        for index in range(len(self.design.alarms)):
            usable = [
                alarm
                for alarm in self.of_switch(index)
                if not self.is_lost(alarm, state) and self.design.alarms[alarm].away is not None
            ]
            if self.of_switch(index)[0] != index or not usable:
                continue
            if state.operator is None:
                yield "away", index
            if state.operator in {None, index}:
                yield "back", index
        yield from self.silences(state)

    def silences(self, state: State) -> Iterator[Event]:
        if self.design.alarms:
            yield "silence", None
        for region in dict.fromkeys(alarm.region for alarm in self.design.alarms):
            if region and self.forgotten(state, region):
                yield "forget", region

    def forgotten(self, state: State, region: str) -> set[int]:
        """Return the switches in a region of which nobody repeats that they are away."""
        return {
            index
            for index, alarm in enumerate(self.design.alarms)
            if self.design.primary
            and alarm.region == region
            and alarm.check.insufficient_data_status == "LastKnownStatus"
            and not state.healthy[index]
            and not (index in state.away and self.is_repeated(index, state))
        }

    def is_repeated(self, index: int, state: State) -> bool:
        """Whether a publisher works that repeats the register of an alarm."""
        alarm = self.design.alarms[index]
        return any(
            alarm.region == publisher.region and alarm.switched in publisher.switches
            for publisher in self.design.publishers
            if not publisher.fails_on & state.faults
        )

    def has_register(self, index: int) -> bool:
        """Whether there is a publisher that repeats the register of an alarm."""
        alarm = self.design.alarms[index]
        return alarm.away is not None and any(
            alarm.region == publisher.region and alarm.switched in publisher.switches
            for publisher in self.design.publishers
        )

    def published(self, state: State) -> State:
        """Return the state once publishers have put what their registers say."""
        alarms = list(state.alarms)
        for index in state.away:
            if self.is_repeated(index, state):
                alarms[index] = self.design.alarms[index].away or alarms[index]
        return replace(state, alarms=tuple(alarms))

    def after(self, state: State, event: Event) -> tuple[State, list[str]]:
        """Return the state that follows an event, and the records that were answered until then."""
        kind, what = event
        faults, alarms, operator = set(state.faults), list(state.alarms), state.operator
        away, healthy = set(state.away), list(state.healthy)
        if kind == "begins" and isinstance(what, Fault):
            faults.add(what)
        elif kind == "ends" and isinstance(what, Fault):
            faults.remove(what)
        elif isinstance(what, int):
            for index in self.of_switch(what):
                alarm = self.design.alarms[index]
                put = alarm.away if kind == "away" else alarm.back
                alarms[index] = (
                    alarms[index] if self.is_lost(index, state) else put or alarms[index]
                )
                if not self.is_lost(index, state):
                    away.discard(index)
                    away |= {index} if kind == "away" and self.has_register(index) else set()
            operator = what if kind == "away" else None
        elif isinstance(what, str):
            for index in self.forgotten(state, what):
                alarms[index], healthy[index] = NO_DATA, True
        else:
            treated = tuple(map(_treated, self.design.alarms, state.alarms))
            first, answers = self.settled(replace(state, alarms=treated))
            unknown: tuple[AlarmState, ...] = (NO_DATA,) * len(treated)
            silent, more = self.settled(replace(first, alarms=unknown))
            last, again = self.settled(self.published(silent))
            return last, [*answers, *more, *again]
        after = State(frozenset(faults), tuple(alarms), tuple(healthy), operator, frozenset(away))
        return self.settled(self.published(after))

    def settled(self, state: State) -> tuple[State, list[str]]:
        answers = list[str]()
        while True:
            healthy = tuple(self.by_alarm(state, index) for index in range(len(state.alarms)))
            state = replace(state, healthy=healthy)
            answered = self.answered(state)
            answers.append(answered.id)
            after = self.watched(state, answered)
            if after == state:
                return state, answers
            state = after

    def by_alarm(self, state: State, index: int) -> bool:
        alarm = self.design.alarms[index]
        seen = NO_DATA if self.is_lost(index, state) else state.alarms[index]
        if seen != NO_DATA:
            return seen == "OK"
        word = alarm.check.insufficient_data_status
        return {"Healthy": True, "Unhealthy": False, "LastKnownStatus": state.healthy[index]}[word]

    def watched(self, state: State, answered: Record) -> State:
        alarms, away = list(state.alarms), set(state.away)
        for watcher in self.design.watchers:
            if state.faults & (watcher.fails_on | watcher.blind_with):
                continue
            site = self.design.sites.get(answered.id)
            region = site.region if site else None
            has_moved = watcher.follows and region and region not in watcher.away
            is_used = len(watcher.away) == 1 or (region and region not in watcher.away[:-1])
            if not has_moved and not (is_used and state.faults & watcher.sees):
                continue
            for place, alarm_regions in zip(watcher.away, watcher.alarm_regions, strict=True):
                for index in self.first_kept(place, alarm_regions, state):
                    if state.operator != self.of_switch(index)[0]:
                        alarms[index] = self.design.alarms[index].away or alarms[index]
                        if self.place(index) in watcher.registers and self.has_register(index):
                            away.add(index)
        return replace(state, alarms=tuple(alarms), away=frozenset(away))

    def first_kept(self, place: str, alarm_regions: tuple[str, ...], state: State) -> list[int]:
        """Return the alarms of a switch in the first alarm region that is not lost."""
        kept = [
            index
            for alarm_region in alarm_regions
            for index, alarm in enumerate(self.design.alarms)
            if (alarm.switched, alarm.region) == (place, alarm_region)
            and not self.is_lost(index, state)
        ]
        return [each for each in kept if self.place(each) == self.place(kept[0])]

    def place(self, index: int) -> str | None:
        return self.design.alarms[index].region

    def is_lost(self, index: int, state: State) -> bool:
        return Fault(self.design.alarms[index].region or "", FaultKind.REGION) in state.faults

    def of_switch(self, index: int) -> list[int]:
        """Return the alarms of the same switch, alone if it is unknown."""
        switched = self.design.alarms[index].switched
        alarms = enumerate(self.design.alarms)
        return [each for each, alarm in alarms if each == index or alarm.switched == switched != ""]

    def merged(self, state: State) -> State:
        """Return what decides the future: data that an alarm ignores if they are missing do not."""
        lasting = [
            alarm.missing_data == "ignore"
            and alarm.check.insufficient_data_status == "LastKnownStatus"
            and not alarm.check.inverted
            for alarm in self.design.alarms
        ]
        pairs = zip(state.alarms, lasting, strict=True)
        alarms = tuple(NO_DATA if lasts else alarm for alarm, lasts in pairs)
        return replace(state, alarms=alarms)

    def answered(self, state: State) -> Record:
        """Return the record that Route 53 answers with."""
        leaves = {probe.check: self.passes(probe.check, state) for probe in self.design.probes}
        for alarm, healthy in zip(self.design.alarms, state.healthy, strict=True):
            leaves.setdefault(alarm.check.id, healthy)
            leaves[alarm.check.id] = healthy
        record = self.chosen(self.design.name, leaves)
        while record.is_alias and record.target in self.design.evaluation.records:
            record = self.chosen(record.target, leaves)
        return record

    def passes(self, check: str, state: State) -> bool:
        (probe,) = (each for each in self.design.probes if each.check == check)
        return not probe.problem and not probe.fails_on & state.faults

    def chosen(self, name: str, leaves: Mapping[str, bool]) -> Record:
        records = sorted(self.design.evaluation.records[name], key=lambda each: each.side)
        return next((each for each in records if self.is_healthy(each, leaves)), records[0])

    def is_healthy(self, record: Record, leaves: Mapping[str, bool]) -> bool:
        if record.check and not self.status(record.check, leaves):
            return False
        if not record.is_alias or not record.evaluates_target:
            return True
        below = self.design.evaluation.records.get(record.target)
        if below is None:
            return leaves.get(record.target, True)
        return any(self.is_healthy(each, leaves) for each in below)

    def status(self, id_: str, leaves: Mapping[str, bool]) -> bool:
        check = self.design.evaluation.checks.get(id_)
        if check is None:
            return leaves.get(id_, True)
        healthy = leaves.get(id_, True)
        if check.type == "CALCULATED":
            children = [self.status(child, leaves) for child in check.children]
            healthy = children.count(True) >= (check.child_threshold or 0)
        return (healthy or check.disabled) is not check.inverted

    def is_served(self, state: State) -> bool:
        """Whether devices are served, or nothing that they should be led to would serve them."""
        sites = self.design.sites
        serving = {id_ for id_, site in sites.items() if not site.fails_on & state.faults}
        if state.operator is not None:
            alarms = [self.design.alarms[each] for each in self.of_switch(state.operator)]
            switches = {alarm.check.id for alarm in alarms}
            serving = {id_ for id_ in serving if not switches & self.asked(id_)}
        answered = self.answered(state).id
        return not serving or not sites[answered].fails_on & state.faults

    def asked(self, record: str) -> set[str]:
        named = self.design.evaluation.records.values()
        (check,) = (each.check for group in named for each in group if each.id == record)
        pending, asked = [check], set[str]()
        while pending:
            asked.add(id_ := pending.pop())
            known = self.design.evaluation.checks.get(id_)
            pending += known.children if known else ()
        return asked

    def returns(self, state: State) -> bool:
        """Whether devices are back where they began once all is well and switched back."""
        for fault in sorted(state.faults, key=self.design.faults.index):
            state, _ = self.after(state, ("ends", fault))
        for index, alarm in enumerate(self.design.alarms):
            if alarm.back:
                state, _ = self.after(state, ("back", index))
        return self.target(self.answered(state).id) == self.target(self.first[-1])

    def leaves(self, state: State, event: Event) -> bool:
        """Whether devices move in silence, or at the end of a fault though that was latched."""
        before = self.answered(state).id
        answers = self.after(state, event)[1]
        moved = [each for each in answers if self.target(each) != self.target(before)]
        if not moved or event[0] == "silence":
            return bool(moved)
        if isinstance(event[1], str):
            return bool(self.forgotten(state, event[1]) - state.away)
        left, taken = (self.design.sites[each].place for each in (before, moved[0]))
        switched = [alarm.switched for alarm in self.design.alarms]
        is_away = any(
            place == left and (not healthy or index in state.away)
            for index, (place, healthy) in enumerate(zip(switched, state.healthy, strict=True))
        )
        fails = any(fault.place == left for fault in state.faults)
        return (
            self.design.is_latched
            and not is_away
            and not fails
            and self.latched(state, left, taken)
        )

    def latched(self, state: State, used: str, place: str) -> bool:
        """Whether a watcher of a place works, or none is declared."""
        watchers = self.design.watchers
        own = [watcher for watcher in watchers if watcher.away[-1] == place]
        earlier = [watcher for watcher in watchers if place in watcher.away[:-1]]
        kept = {
            alarm.region
            for index, alarm in enumerate(self.design.alarms)
            if alarm.switched == place and not self.is_lost(index, state)
        }
        working = [
            watcher
            for watcher in own + [passed for passed in earlier if used not in passed.away]
            if not state.faults & (watcher.fails_on | watcher.blind_with)
        ]
        return not own or bool(working and kept)

    def moves(self, fault: Fault) -> tuple[int, int]:
        """Count the moves at a fault, and those at its end and its second begin."""
        state, answers = self.after(self.start, ("begins", fault))
        begun = [self.first[-1], *answers]
        ended, answers = self.after(state, ("ends", fault))
        later = [begun[-1], *answers]
        later += self.after(ended, ("begins", fault))[1]
        return self._changes(begun), self._changes(later)

    def target(self, record: str) -> str:
        named = self.design.evaluation.records.values()
        return next(each.target for group in named for each in group if each.id == record)

    def _changes(self, answers: list[str]) -> int:
        return sum(self.target(one) != self.target(other) for one, other in pairwise(answers))


def _treated(alarm: Alarm, state: AlarmState) -> AlarmState:
    treated: dict[str, AlarmState] = {
        "missing": NO_DATA,
        "breaching": "ALARM",
        "notBreaching": "OK",
        "ignore": state,
    }
    return treated[alarm.missing_data]
