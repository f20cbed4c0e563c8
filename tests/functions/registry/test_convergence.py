"""Which of several changes holds, whatever happens to messages, and what is kept of the others.

tests/simulation tries what else may happen, with the handlers.
"""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.registry.access.errors import RetryableError
from functions.registry.entity import Entity
from functions.registry.state import State, hash_of
from tests.functions.registry.regions import (
    CERTIFICATE,
    HALF,
    SHADOW,
    THING,
    Region,
    World,
)
from tests.support.examples import examples

STATUSES = ("ACTIVE", "ACTIVE", "INACTIVE", "PENDING_ACTIVATION", "REVOKED")


def certificate(status: str, policy: int = 0) -> State:
    return {"pem": "PEM", "status": status, "policies": [f"policy-{policy}"]}


def thing(value: int) -> State:
    return {"attributes": {"value": str(value)}}


def document(value: int) -> State:
    return {"document": {"value": value}}


@dataclass(frozen=True)
class Step:
    """Something that happens in a region; `choice` picks among what waits there."""

    what: str
    region: int
    choice: int
    state: State | None
    entity: Entity


HAPPENINGS = (
    "event", "event", "event twice", "event lost", "row", "row", "apply", "apply", "apply twice",
    "apply lost", "not yet", "later",
)  # fmt: skip
_STATES = {
    THING: st.none() | st.integers(0, 3).map(thing),
    SHADOW: st.none() | st.integers(0, 3).map(document),
    CERTIFICATE: st.builds(certificate, st.sampled_from(STATUSES), st.integers(0, 2)) | st.none(),
}


def steps(entity: Entity) -> st.SearchStrategy[list[Step]]:
    step = st.builds(
        Step,
        what=st.sampled_from(HAPPENINGS),
        region=st.integers(0, 2),
        choice=st.integers(0, 5),
        state=_STATES[entity],
        entity=st.just(entity),
    )
    return st.lists(step, min_size=12, max_size=40)


worlds = st.builds(
    World, st.integers(2, 3), st.tuples(*[st.sampled_from((0, 0, 90_000, -90_000))] * 3)
)


def happen(world: World, step: Step) -> None:
    world.time += step.choice * 100
    world.replicate()
    region = world.regions[step.region % len(world.regions)]
    if step.what == "change":
        region.change(step.entity, step.state)
    elif step.what == "not yet":
        region.core.half = RetryableError("its type is missing")
    elif step.what == "reconcile":
        region.reconcile()
    elif step.what == "later":
        world.time += 200_000
    else:
        deliver(region, step)


def deliver(region: Region, step: Step) -> None:
    what, _, how = step.what.partition(" ")
    inbox, one = {
        "event": (region.events, region.capture_event),
        "row": (region.arriving, region.arrive),
        "apply": (region.to_apply, region.apply_message),
    }[what]
    if not inbox:
        return
    index = step.choice % len(inbox)
    if how == "lost":
        inbox.pop(index)
        return
    if how == "twice":
        inbox.append(inbox[index])  # pyrefly: ignore[bad-argument-type] - of the same inbox
    one(index)


@given(world=worlds, entity=st.sampled_from((THING, CERTIFICATE)), data=st.data())
@settings(max_examples=examples(50))
def test_of_changes_made_apart_one_holds_and_those_that_lost_are_kept(
    world: World, entity: Entity, data: st.DataObject
) -> None:
    made = [data.draw(_STATES[entity]) for _ in world.regions]
    for region, state in zip(world.regions, made, strict=True):
        world.time += data.draw(st.integers(0, 2))
        region.change(entity, state)
    for step in data.draw(steps(entity)):
        happen(world, step)
    result = check_settled(world, entity)
    kept = [row.lost.state for row in world.regions[0].table.rows(entity) if row.lost]
    assert result in made
    assert all(state == result or state in kept for state in made if state is not None)


APART = ("change", "change", "event", "event twice", "event lost", "reconcile")


@given(count=st.integers(2, 3), data=st.data())
@settings(max_examples=examples(50))
def test_of_changes_that_iot_core_dates_the_last_one_holds_however_late_it_is_captured(
    count: int, data: st.DataObject
) -> None:
    world = World(count)
    world.part()
    last: State | None = None
    for value in range(data.draw(st.integers(2, 12))):
        # Where changes are further apart than the seconds in which they are dated.
        world.time += data.draw(st.integers(1000, 60_000))
        what = data.draw(st.sampled_from(APART))
        region = data.draw(st.integers(0, count - 1))
        state = document(value) if what == "change" else None
        happen(world, Step(what, region, 0, state, SHADOW))
        last = state or last
    assert check_settled(world, SHADOW) == last


def check_settled(world: World, entity: Entity) -> State | None:
    world.settle()
    result, *others = world.states(entity)
    assert all(other == result for other in others)
    assert result is None or result.get("policies") != HALF["policies"]
    rows = [region.table.rows(entity) for region in world.regions]
    assert all(each == rows[0] for each in rows)
    assert len({(row.stamp, row.hash) for row in rows[0]}) <= 1
    assert all(row.hash == hash_of(result) and row.pending is None for row in rows[0])
    before = world.deliveries
    world.settle()
    assert world.deliveries == before, "a comparison of what is equal asks for nothing"
    return result
