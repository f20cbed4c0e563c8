"""Alarms behind checks: switches move devices, and no region is judged from within itself."""

from collections import defaultdict
from collections.abc import Iterator, Set
from typing import Final

from iot_dr.design.design import Design, Fault, FaultKind, RecordTarget
from iot_dr.prover.findings import Findings
from iot_dr.prover.machine import (
    AWAY,
    BACK,
    BEGINS,
    ENDS,
    FORGET,
    SILENCE,
    Event,
    MachineState,
    Transition,
)

SWITCH: Final = "a switch moves devices away, holds, and brings them back"
_TWO: Final = 2
JUDGED: Final = "no region is judged from within that region alone"
STAYS: Final = "ten minutes without data move no devices"
LATCHED: Final = "with latching, the end of a failure moves no devices"
OF_ALARMS: Final = frozenset((SWITCH, JUDGED, STAYS))
"""Properties that declared alarms decide."""


def check_switches(findings: Findings) -> None:
    """Check that each switch moves devices away, holds without data, and brings them back.

    Also check that each region of the settings but the last has one, with three or more regions in
    two others, and that no switch is in the region that it takes devices from: nobody can put it
    while that is lost.
    """
    design, start = findings.design, findings.machine.start
    alarm_regions = defaultdict[str, set[str | None]](set)
    for alarm in design.alarms:
        if alarm.away is not None:
            alarm_regions[alarm.switched].add(alarm.region)
    for region in design.regions[:-1]:
        if not alarm_regions[region]:
            findings.violate(SWITCH, (), f"no switch takes devices away from {region}", start)
        elif len(alarm_regions[region]) == 1 and len(design.regions) > _TWO:
            (alarm_region,) = alarm_regions[region]
            observed = f"the switch of {region} is in {alarm_region} alone, which may be lost"
            findings.violate(SWITCH, (), observed, start)
    for alarm in design.alarms:
        if alarm.switched and alarm.region == alarm.switched:
            observed = f"the switch of {alarm.switched} is in {alarm.switched} itself"
            findings.violate(SWITCH, (), observed, start)
    places = {index: design.alarms[index].switched for index in findings.machine.alarms.switches}
    served = dict(_served(findings, {*places.values()}))
    for index, place in places.items():
        if place in served:
            _check_switch(findings, index, *served[place])


def _check_switch(
    findings: Findings, index: int, before: Transition, faults: tuple[Event, ...]
) -> None:
    machine = findings.machine
    name, alarm = findings.design.name, findings.design.alarms[index]
    away = machine.after(before.state, Event(AWAY, index))
    silent = machine.after(away.state, Event(SILENCE))
    back = machine.after(silent.state, Event(BACK, index))
    events = (*faults, Event(AWAY, index), Event(SILENCE), Event(BACK, index))
    words = tuple(map(findings.words, events))
    place, there = before.answer.leads_to, away.answer.leads_to
    forgotten = next((answer for answer in silent.answers if answer.leads_to != there), None)
    if _has_alternative(findings, before) and there == place:
        observed = f"{name} still leads to {alarm.switched}"
        findings.violate(SWITCH, words[:-2], observed, away)
    elif forgotten:
        observed = f"{name} leads to {findings.led(forgotten)} again"
        findings.violate(SWITCH, words[:-1], observed, silent)
    elif back.answer.leads_to != place:
        observed = f"{name} still leads to {findings.led(back.answer)}"
        findings.violate(SWITCH, words, observed, back)


def _served(
    findings: Findings, places: set[str]
) -> Iterator[tuple[str, tuple[Transition, tuple[Event, ...]]]]:
    """Yield the places that the answer may lead to, each with a state in which it does.

    Every place before it in the order refuses connections by then, which are the events.
    """
    machine = findings.machine
    indexes = {fault: index for index, fault in enumerate(machine.faults)}
    step, met, events = machine.start, set[str](), list[Event]()
    while places - met and (site := machine.site(step.answer)) and site.place not in met:
        met.add(site.place)
        if site.place in places:
            yield site.place, (step, tuple(events))
        index = indexes.get(_stop(site))
        if index is None:
            break
        events.append(Event(BEGINS, index))
        step = machine.after(step.state, events[-1])


def _stop(site: RecordTarget) -> Fault:
    """Return the fault that stops a site alone, without the alarms in its region."""
    iot = Fault(site.place, FaultKind.IOT)
    return iot if iot in site.fails_on else Fault(site.name, FaultKind.ENDPOINT)


def _has_alternative(findings: Findings, step: Transition) -> bool:
    """Whether another region than the one that is answered serves."""
    now, machine = step.answer.record.id, findings.machine
    return any(id_ != now and machine.serves(id_, step.state) for id_ in findings.design.sites)


def check_stays(findings: Findings, state: MachineState, event: Event, step: Transition) -> None:
    """Check that silence moves no devices, and with latching the end of a failure none either.

    What Route 53 forgets may move them while a fault stops the publisher of what a register says.
    """
    machine, name = findings.machine, LATCHED if event.action == ENDS else STAYS
    if event.action == FORGET and not machine.forgotten(state, event.index) & ~state.registers:
        return
    before = machine.answer(state)
    after = next((each for each in step.answers if each.leads_to != before.leads_to), None)
    if after is None or name in findings.violations:
        return
    if name == STAYS or _is_to_stay(findings, state, machine.site(before), machine.site(after)):
        events = (*findings.history(state), findings.words(event))
        places = f"{findings.led(after)}, no longer to {findings.led(before)}"
        findings.violate(name, events, f"{findings.design.name} leads to {places}", step)


def _is_to_stay(
    findings: Findings, state: MachineState, left: RecordTarget | None, taken: RecordTarget | None
) -> bool:
    """Whether only an operator may move devices from one site to another when a failure ends.

    They may leave a region in which something still fails, or that was used though devices are
    switched away from it: as the last one, or since Route 53 had forgotten that.
    """
    design, active = findings.design, set(findings.active(state))
    if not design.is_latched or left is None or taken is None:
        return False
    is_switched_away = any(
        alarm.switched == left.place and (state.registers | ~state.healthy) >> index & 1
        for index, alarm in enumerate(design.alarms)
    )
    is_failing = any(fault.place == left.place for fault in active)
    is_latched = _is_latched(design, taken.place, left.place, active)
    return is_latched and not is_failing and not is_switched_away


def _is_latched(design: Design, place: str, used: str, active: Set[Fault]) -> bool:
    """Whether a region is to be latched while devices use another one.

    It need not be if faults stop its watcher and those that are to replace that: those whose
    regions devices have passed; nor if all alarms of its switch are lost.
    """
    lost = {fault.place for fault in active if fault.kind is FaultKind.REGION}
    is_kept = any(each.switched == place and each.region not in lost for each in design.alarms)
    is_watched = any(watcher.away[-1] == place for watcher in design.watchers)
    return not is_watched or any(
        is_kept and not active & (watcher.fails_on | watcher.blind_with)
        for watcher in design.watchers
        if watcher.away[-1] == place or (place in watcher.away and used not in watcher.away)
    )


def check_judges(findings: Findings) -> None:
    """Check that no region is judged by its own alarms alone if missing data do not fail."""
    design = findings.design
    probed = {probe.check for probe in design.probes}
    alarms = {alarm.check.id: alarm for alarm in design.alarms}
    for named in design.evaluation.records.values():
        for record in named:
            site, asked = design.sites.get(record.id), findings.asked(record)
            within = [alarms[id_] for id_ in asked if id_ in alarms]
            if site is None or asked & probed or not within:
                continue
            if all(
                alarm.region == site.region and alarm.check.insufficient_data_status != "Unhealthy"
                for alarm in within
            ):
                findings.violate(
                    JUDGED,
                    (),
                    f"{site.place} is judged by {within[0].check.id} alone, an alarm in the"
                    " same region: while that is lost, the check keeps its status",
                    findings.machine.start,
                )
