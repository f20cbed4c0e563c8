"""Alarms behind checks: switches move devices, and no region is judged from within itself."""

from collections import defaultdict
from typing import Final

from iot_dr.design.design import Fault, FaultKind, Site
from iot_dr.prover.findings import Findings
from iot_dr.prover.machine import AWAY, BACK, BEGINS, SILENCE, Event, Step

SWITCH: Final = "a switch moves devices away, holds, and brings them back"
_TWO: Final = 2
JUDGED: Final = "no region is judged from within that region alone"
OF_ALARMS: Final = frozenset((SWITCH, JUDGED))
"""Properties that declared alarms decide."""


def check_switches(findings: Findings) -> None:
    """Check that each switch moves devices away, holds without data, and brings them back.

    Also check that each region of the settings but the last has one, with three or more regions in
    two others, and that no switch is in the region that it takes devices from: nobody can put it
    while that is lost.
    """
    design, start = findings.design, findings.machine.start
    keepers = defaultdict[str, set[str | None]](set)
    for alarm in design.alarms:
        if alarm.away is not None:
            keepers[alarm.switched].add(alarm.region)
    for region in design.regions[:-1]:
        if not keepers[region]:
            findings.violate(SWITCH, (), f"no switch takes devices away from {region}", start)
        elif len(keepers[region]) == 1 and len(design.regions) > _TWO:
            (keeper,) = keepers[region]
            observed = f"the switch of {region} is in {keeper} alone, which may be lost"
            findings.violate(SWITCH, (), observed, start)
    for alarm in design.alarms:
        if alarm.switched and alarm.region == alarm.switched:
            observed = f"the switch of {alarm.switched} is in {alarm.switched} itself"
            findings.violate(SWITCH, (), observed, start)
    for index in findings.machine.switches:
        _check_switch(findings, index)


def _check_switch(findings: Findings, index: int) -> None:
    machine = findings.machine
    name, alarm = findings.design.name, findings.design.alarms[index]
    before, faults = _serving(findings, alarm.switched)
    if before is None:
        return
    away = machine.after(before.state, Event(AWAY, index))
    silent = machine.after(away.state, Event(SILENCE))
    back = machine.after(silent.state, Event(BACK, index))
    events = (*faults, Event(AWAY, index), Event(SILENCE), Event(BACK, index))
    words = tuple(map(findings.words, events))
    place = before.answer.leads_to
    if _has_alternative(findings, before) and away.answer.leads_to == place:
        observed = f"{name} still leads to {alarm.switched}"
        findings.violate(SWITCH, words[:-2], observed, away)
    elif silent.answer.leads_to != away.answer.leads_to:
        observed = f"{name} leads to {findings.led(silent)} again"
        findings.violate(SWITCH, words[:-1], observed, silent)
    elif back.answer.leads_to != place:
        observed = f"{name} still leads to {findings.led(back)}"
        findings.violate(SWITCH, words, observed, back)


def _serving(findings: Findings, place: str) -> tuple[Step | None, tuple[Event, ...]]:
    """Return a state in which the answer leads to a place, None if no state does.

    Every place before it in the order refuses connections by then, which are the events.
    """
    machine = findings.machine
    step, met, events = machine.start, set[str](), tuple[Event, ...]()
    while (site := machine.site(step.answer)) and site.place not in met:
        if site.place == place:
            return step, events
        met.add(site.place)
        fault = _stop(site)
        if fault not in machine.faults:
            break
        events = (*events, Event(BEGINS, machine.faults.index(fault)))
        step = machine.after(step.state, events[-1])
    return None, ()


def _stop(site: Site) -> Fault:
    """Return the fault that stops a site alone, without the alarms in its region."""
    iot = Fault(site.place, FaultKind.IOT)
    return iot if iot in site.fails_on else Fault(site.name, FaultKind.ENDPOINT)


def _has_alternative(findings: Findings, step: Step) -> bool:
    """Whether another region than the one that is answered serves."""
    now, machine = step.answer.record.id, findings.machine
    return any(id_ != now and machine.serves(id_, step.state) for id_ in findings.design.sites)


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
