"""What somebody changes while a change is applied, and what AWS does after it has answered."""

from collections.abc import Callable

import pytest

from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.entity import Entity
from functions.registry.pending import PENDING_TIMEOUT, ChangePendingError
from functions.registry.state import State, hash_of
from tests.functions.registry.regions import CERTIFICATE, SHADOW, THING, Crash, Region, World

OLD: State = {"principals": ["one", "two"]}
NEW: State = {"principals": []}


def certificate(status: str, policy: str) -> State:
    return {"pem": "PEM", "status": status, "policies": [policy]}


def under_way(entity: Entity, old: State, new: State) -> tuple[World, Region]:
    """Let a change be on its way to a second region; gives that one."""
    world = World(2)
    first, second = world.regions
    first.change(entity, old)
    world.settle()
    first.change(entity, new)
    first.capture_event(0)
    world.time += 1000
    world.replicate()
    second.arrive(0)
    return world, second


def at_first_read(region: Region, happens: Callable[[], None]) -> None:
    """Let something happen once, right after apply has looked for changes."""
    read, waiting = region.core.read, [happens]

    def racing(entity: Entity) -> State | None:
        state = read(entity)
        if waiting:
            waiting.pop()()
        return state

    region.core.read = racing  # pyrefly: ignore[method-assign] - for this one region


@pytest.mark.parametrize(
    ("entity", "old", "new", "local"),
    [
        (
            CERTIFICATE,
            certificate("ACTIVE", "p"),
            certificate("ACTIVE", "q"),
            certificate("REVOKED", "p"),
        ),
        (THING, OLD, NEW, {"principals": ["three"]}),
    ],
    ids=["revocation", "thing"],
)
def test_what_is_changed_between_the_look_and_the_write_is_captured_and_not_undone(
    entity: Entity, old: State, new: State, local: State
) -> None:
    world, here = under_way(entity, old, new)
    at_first_read(here, lambda: here.change(entity, local))
    here.apply_message(0)
    assert here.core.states[entity] == local
    world.settle()
    assert world.states(entity) == [local, local]


def test_a_certificate_that_is_revoked_during_the_write_stays_revoked() -> None:
    world, here = under_way(CERTIFICATE, certificate("ACTIVE", "p"), certificate("ACTIVE", "q"))
    revoked = certificate("REVOKED", "q")
    here.core.after = lambda: here.change(CERTIFICATE, revoked)
    here.apply_message(0)
    world.settle()
    assert world.states(CERTIFICATE) == [revoked, revoked]


def document(value: int) -> State:
    return {"document": {"value": value}}


MEDDLED = pytest.mark.parametrize(
    "case",
    [
        (
            CERTIFICATE,
            certificate("ACTIVE", "p"),
            certificate("ACTIVE", "q"),
            certificate("INACTIVE", "p"),
        ),
        (SHADOW, document(1), document(2), document(3)),
    ],
    ids=["certificate", "shadow"],
)


@MEDDLED
@pytest.mark.parametrize(
    "failure", [RetryableError("AWS throttles"), Crash()], ids=["throttled", "timed out"]
)
def test_what_is_changed_while_a_write_fails_is_not_taken_for_what_that_has_left(
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    case: tuple[Entity, State, State, State],
) -> None:
    entity, old, new, local = case
    world, here = under_way(entity, old, new)

    def fail(_entity: Entity, _state: State | None) -> None:
        here.change(entity, local)
        raise failure

    with monkeypatch.context() as failing:
        failing.setattr(here.core, "write", fail)
        here.apply_message(0)
    world.settle()
    assert world.states(entity) == [local, local]


@MEDDLED
def test_what_is_changed_before_a_write_is_read_back_comes_after_that(
    case: tuple[Entity, State, State, State],
) -> None:
    entity, old, new, local = case
    world, here = under_way(entity, old, new)
    here.core.after = lambda: here.change(entity, local)
    here.apply_message(0)
    assert here.own(entity).state == new
    world.settle()
    assert world.states(entity) == [local, local]


def test_a_change_of_a_shadow_during_a_crashed_try_is_reported_though_another_one_has_won_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, here = under_way(SHADOW, document(1), document(2))
    there = world.regions[0]

    def crash(_entity: Entity, _state: State | None) -> None:
        there.change(SHADOW, document(3))
        there.capture_event(0)
        world.time += 2000
        here.change(SHADOW, document(4))
        raise Crash

    with monkeypatch.context() as crashing:
        crashing.setattr(here.core, "write", crash)
        here.apply_message(0)
    world.settle()
    assert world.states(SHADOW) == [document(4)] * 2


def test_a_revocation_that_a_crashed_try_has_made_is_not_taken_back_unseen() -> None:
    world, here = under_way(CERTIFICATE, certificate("ACTIVE", "p"), certificate("REVOKED", "p"))

    def crash() -> None:
        raise Crash

    here.core.after = crash
    here.apply_message(0)
    # The message is lost: the next one reports what comes after.
    here.to_apply.clear()
    there = world.regions[0]
    there.change(CERTIFICATE, certificate("ACTIVE", "p"))
    world.settle()
    assert {str(state and state["status"]) for state in world.states(CERTIFICATE)} == {"REVOKED"}


def test_what_aws_is_still_detaching_is_nobody_s_change(monkeypatch: pytest.MonkeyPatch) -> None:
    world, here = under_way(THING, OLD, NEW)

    def answered_alone(_entity: Entity, _state: State | None) -> None:
        pass

    with monkeypatch.context() as later:
        later.setattr(here.core, "set", answered_alone)
        with pytest.raises(RetryableError, match="does not return the new state yet"):
            here.apply(THING, "m1")
    here.core.set(THING, {"principals": ["two"]})
    with pytest.raises(ChangePendingError):
        here.capture(THING, world.time)
    here.core.set(THING, NEW)
    world.settle()
    assert world.states(THING) == [NEW, NEW]
    assert here.own(THING).stamp.region == world.regions[0].name


def test_what_aws_keeps_otherwise_is_given_up_and_no_change_of_this_region_s() -> None:
    world, here = under_way(THING, OLD, NEW)
    kept: State = {"principals": [], "more": "of AWS"}

    def keep() -> None:
        here.core.set(THING, kept)
        here.core.after = keep

    here.core.after = keep
    with pytest.raises(RetryableError):
        here.apply(THING, "m1")
    world.time += PENDING_TIMEOUT
    with pytest.raises(PermanentError, match="stores another state"):
        here.apply(THING, "m2")
    own = here.own(THING)
    assert (own.state, own.pending, own.left) == (OLD, None, hash_of(kept))
    assert here.capture(THING, world.time) is None
    here.core.set(THING, {"principals": ["somebody's"]})
    assert here.capture(THING, world.time) is not None
