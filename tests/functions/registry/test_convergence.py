"""Whatever happens to messages, the regions end alike, and a revocation holds."""

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
    Crash,
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
    "change", "change", "change", "event", "event", "event twice", "event lost", "row", "row",
    "apply", "apply", "apply twice", "apply lost", "cut", "heal", "later", "crash", "not yet",
    "change while applying", "reconcile",
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
    return st.lists(step, min_size=12, max_size=40).filter(_has_distinct_changes)


def _has_distinct_changes(steps: list[Step]) -> bool:
    """Whether nobody makes the same change in the middle of two writes.

    What is found after a write, and again after the next try, counts as what AWS keeps: such a
    change looks the same, and is parked for people to see.
    """
    within = [hash_of(each.state) for each in steps if each.what == "change while applying"]
    return len(set(within)) == len(within)


worlds = st.builds(
    World, st.integers(2, 3), st.tuples(*[st.sampled_from((0, 0, 90_000, -90_000))] * 3)
)


def happen(world: World, step: Step) -> None:
    world.time += step.choice * 100
    world.replicate()
    region = world.regions[step.region % len(world.regions)]
    if step.what == "change":
        change(region, step)
    elif step.what == "change while applying":
        region.core.after = lambda: change(region, step)
    elif step.what == "crash":
        region.core.half = Crash()
    elif step.what == "not yet":
        region.core.half = RetryableError("its type is missing")
    elif step.what == "reconcile":
        region.reconcile()
    elif step.what == "later":
        world.time += 200_000
    elif step.what == "heal":
        world.cut.clear()
    elif step.what == "cut":
        other = world.regions[step.choice % len(world.regions)]
        world.cut.add(frozenset((region.name, other.name)))
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


def change(region: Region, step: Step) -> None:
    """Change as a user does who leaves alone what is revoked or deleted for good."""
    result = region.core.states.get(step.entity)
    if step.entity == CERTIFICATE and (result is None or result["status"] == "REVOKED"):
        return
    region.change(step.entity, step.state)


@given(world=worlds, entity=st.sampled_from((THING, SHADOW)), data=st.data())
@settings(max_examples=examples(50))
def test_regions_end_alike_after_any_history_of_a_thing_or_its_shadow(
    world: World, entity: Entity, data: st.DataObject
) -> None:
    for step in data.draw(steps(entity)):
        happen(world, step)
    check_settled(world, entity)


@given(world=worlds, history=steps(CERTIFICATE))
@settings(max_examples=examples(50))
def test_regions_end_alike_after_any_history_of_a_certificate_and_none_comes_to_life(
    world: World, history: list[Step]
) -> None:
    world.regions[0].change(CERTIFICATE, certificate("ACTIVE"))
    world.settle()
    changes: list[Step] = []
    for step in history:
        before = world.states(CERTIFICATE)
        happen(world, step)
        if step.what == "change" and before != world.states(CERTIFICATE):
            changes.append(step)
    final = check_settled(world, CERTIFICATE)
    if any(step.state is None or step.state["status"] == "REVOKED" for step in changes):
        assert final is None or final["status"] == "REVOKED"


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
        if step.what.split()[0] in ("event", "row", "apply", "not yet", "later"):
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
