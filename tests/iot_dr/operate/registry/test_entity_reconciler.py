"""What happens during a seed: somebody's changes, an AWS that is late, a run that breaks off."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.registry.access.errors import RetryableError
from functions.registry.entity import Entity
from functions.registry.pending import PENDING_TIMEOUT
from functions.registry.row import Row
from functions.registry.state import State, hash_of
from iot_dr.operate.registry.entity_reconciler import EntityOutcome, EntityReconciler, RegionAccess
from tests.functions.registry.regions import CERTIFICATE, NAMES, SHADOW, THING, Region, World

DAY = 86_400_000
OLD: State = {"principals": ["one", "two"]}
NEW: State = {"principals": []}


def reconciler(world: World) -> EntityReconciler:
    source, target = (
        RegionAccess(region=each.name, access=each.core, log=each.table) for each in world.regions
    )
    return EntityReconciler(source=source, target=target, by="a run", now=lambda: world.time)


@pytest.fixture
def world() -> World:
    """Two regions: a thing that the first has changed, and the second has as it was."""
    world = World(2)
    first, second = world.regions
    first.core.set(THING, NEW)
    second.core.set(THING, OLD)
    return world


def certificate(status: str) -> State:
    return {"pem": "PEM", "status": status, "policies": []}


def at_put(region: Region, happens: Callable[[], None]) -> None:
    """Let something happen once, right before the region's row says that it is written."""
    put, waiting = region.table.put, [happens]

    def racing(row: Row, expected: int) -> Row:
        if waiting and row.pending is not None:
            waiting.pop()()
        return put(row, expected)

    region.table.put = racing  # pyrefly: ignore[method-assign] - for this one region


def test_a_certificate_that_is_revoked_between_the_look_and_the_write_stays_revoked() -> None:
    world = World(2)
    first, second = world.regions
    first.core.set(CERTIFICATE, certificate("ACTIVE"))
    second.core.set(CERTIFICATE, {**certificate("ACTIVE"), "policies": ["old"]})
    revoked = {**certificate("REVOKED"), "policies": ["old"]}
    at_put(second, lambda: second.change(CERTIFICATE, revoked))
    reconciler(world).reconcile(CERTIFICATE, certificate("ACTIVE"))
    assert second.core.states[CERTIFICATE] == revoked
    world.settle()
    assert world.states(CERTIFICATE) == [revoked, revoked]


def test_what_is_changed_in_the_target_during_the_run_is_a_change(world: World) -> None:
    _, second = world.regions
    state: State = {"principals": ["three"]}

    def change() -> None:
        world.time += 1000
        second.change(THING, state)

    at_put(second, change)
    reconciler(world).reconcile(THING, NEW)
    world.settle()
    assert world.states(THING) == [state, state]


def test_what_aws_does_not_show_yet_is_left_for_later_and_nobody_s_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.regions

    def answered_alone(_entity: Entity, _state: State | None) -> None:
        pass

    with monkeypatch.context() as later:
        later.setattr(second.core, "set", answered_alone)
        with pytest.raises(RetryableError, match="does not return the new state yet"):
            reconciler(world).reconcile(THING, NEW)
    assert second.own(THING).hash != hash_of(NEW)
    assert reconciler(world).reconcile(THING, NEW) is EntityOutcome.WRITTEN
    world.settle()
    assert world.states(THING) == [NEW, NEW]
    assert second.own(THING).stamp.region == first.name


def test_a_row_of_a_region_that_is_gone_keeps_nothing_from_being_deleted(world: World) -> None:
    first, second = world.regions
    first.core.set(THING, None)
    second.capture(THING)
    own = second.own(THING)
    for region in world.regions:
        region.table.take(replace(own, region=NAMES[2]))
        region.table.regions = NAMES[:2]
    world.time += 2 * DAY
    assert reconciler(world).remove(THING) is EntityOutcome.DELETED
    assert THING not in second.core.states


def test_what_was_captured_within_a_day_is_not_deleted_however_long_ago_it_was_made() -> None:
    world = World(2)
    _, second = world.regions
    second.core.set(SHADOW, {"document": {"a": 1}})
    world.time += 3 * DAY
    second.capture(SHADOW)
    assert reconciler(world).remove(SHADOW) is EntityOutcome.LEFT
    world.time += 2 * DAY
    assert reconciler(world).remove(SHADOW) is EntityOutcome.DELETED


@pytest.mark.parametrize("half", [True, False], ids=["in the middle", "at the end"])
def test_a_deletion_that_breaks_off_is_not_undone(world: World, *, half: bool) -> None:
    first, second = world.regions
    first.core.set(THING, None)
    second.capture(THING)
    world.time += 2 * DAY

    def interrupt() -> None:
        raise KeyboardInterrupt

    if half:
        second.core.half = KeyboardInterrupt()
    else:
        second.core.after = interrupt
    with pytest.raises(KeyboardInterrupt):
        reconciler(world).remove(THING)
    world.time += PENDING_TIMEOUT
    world.settle()
    assert world.states(THING) == [None, None]


def test_a_deletion_that_breaks_off_goes_on_in_the_next_run(world: World) -> None:
    first, second = world.regions
    first.core.set(THING, None)
    second.capture(THING)
    world.time += 2 * DAY
    second.core.half = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        reconciler(world).remove(THING)
    assert reconciler(world).remove(THING) is EntityOutcome.DELETED
    assert second.own(THING).pending is None
    assert world.states(THING) == [None, None]
