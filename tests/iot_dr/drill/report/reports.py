"""Reports to be looked at in tests."""

from collections.abc import Callable
from dataclasses import replace

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import Connection, TimelineEvent
from iot_dr.drill.report.outage_result import NotRehearsed, OutageResult, Rehearsed
from iot_dr.drill.report.report import DrillReport
from tests.support.drill_recordings import (
    ONE,
    TWO,
    calm,
    kill,
    never_back,
    not_rehearsed,
    partial,
    rehearsed,
    silent,
    undone_at,
    unmoved,
)
from tests.support.settings import settings


def report(*results: OutageResult) -> DrillReport:
    """Return the report of results, or of one of each kind."""
    return DrillReport.of(results or some_of_each(), settings())


def some_of_each() -> tuple[OutageResult, ...]:
    """Return an outage of each verdict, with few devices."""
    return (
        rehearsed(kill(40)),
        rehearsed(silent(40)),
        rehearsed(never_back(40)),
        rehearsed(calm(40), Effect.STAYS, why="no device is led to a standby"),
        rehearsed(
            unmoved(undone_at(250, 40)),
            Effect.BLIND,
            why="no check goes through the devices' policy",
        ),
        rehearsed(kill(40, machine=None)),
        rehearsed(partial(40)),
        not_rehearsed(),
    )


def changed(change: Callable[[str], str]) -> tuple[OutageResult, ...]:
    """Return an outage that was missed and one that was skipped, with all texts changed."""
    made = never_back(20)
    one, two = change(ONE), change(TWO)
    recording = replace(
        made,
        outage=change(made.outage),
        region=one,
        order=(one, two),
        started=change(made.started),
        answers=[(-60.0, one), (92.1, two)],
        health=[(at, change(check), healthy) for at, check, healthy in made.health],
        events=[TimelineEvent(at=1.0, kind="note", description=change("note"))],
        connections=[
            Connection(
                device=connection.device, region=one, begin=connection.begin, end=connection.end
            )
            for connection in made.connections
        ],
        refusals={change(reason): number for reason, number in made.refusals.items()},
        assumptions={change(name): change(what) for name, what in made.assumptions.items()},
        unrehearsed=tuple(map(change, made.unrehearsed)),
    )
    usual = rehearsed(recording, why=change("why"))
    name = change(usual.world.device_name)
    world = replace(
        usual.world,
        device_name=name,
        records=tuple(replace(record, name=name) for record in usual.world.records),
        sites=tuple(
            replace(site, region=change(site.region), served_names=frozenset({name}))
            for site in usual.world.sites
        ),
    )
    skipped = not_rehearsed()
    return (
        Rehearsed(
            title=change(usual.title),
            recording=recording,
            world=world,
            expectation=usual.expectation,
        ),
        NotRehearsed(
            title=change(skipped.title),
            outage=change(skipped.outage),
            region=change(skipped.region),
            reason=change(skipped.reason),
        ),
    )
