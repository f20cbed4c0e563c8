"""How a region takes over what another one has changed."""

from dataclasses import replace
from typing import Any

import pytest

from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.entity import Entity
from functions.registry.pending import PENDING_TIMEOUT, ChangePendingError
from functions.registry.row import TOMBSTONE_LIFETIME, DeadLetter, Lost, Pending, Row
from functions.registry.state import State, hash_of
from tests.functions.registry.regions import CERTIFICATE, HALF, SHADOW, THING, Crash, Region
from tests.functions.registry.rows import CENTRAL, WEST, row, stamp

NOW = 1_800_000_000_000
OLD: State = {"attributes": {"a": "old"}}
NEW: State = {"attributes": {"a": "new"}}
ACTIVE, REVOKED = {"status": "ACTIVE"}, {"status": "REVOKED"}


class Here(Region):
    """The region that takes over, at a time that a test moves on."""

    def __init__(self) -> None:
        self.time = NOW
        super().__init__(WEST, lambda: self.time)

    def hold(self, row: Row) -> None:
        """Hold what a row says, and have it written down."""
        self.table.put(row, 0)
        self.core.set(row.entity, row.state)

    def elsewhere(self, state: State | None, at: str, *seen: str, of: Entity = THING) -> Row:
        """Let a row of another region arrive."""
        arrived = row(of, CENTRAL, state, at, *seen, revision=stamp(at).milliseconds)
        assert self.table.take(arrived)
        return arrived


@pytest.fixture
def here() -> Here:
    return Here()


def test_what_is_new_elsewhere_is_made_here_and_acknowledged(here: Here) -> None:
    there = here.elsewhere(NEW, "20@eu-central-1")
    assert here.apply(THING, "m1") == here.own(THING)
    taken = here.own(THING)
    assert here.core.states[THING] == NEW
    assert (taken.state, taken.stamp, taken.seen) == (NEW, there.stamp, there.seen)
    assert (taken.held_at, taken.pending) == (NOW, None)


def test_while_it_is_made_the_row_says_so(here: Here) -> None:
    here.elsewhere(NEW, "20@eu-central-1")
    pending_writes: list[Pending | None] = []
    here.core.after = lambda: pending_writes.append(here.own(THING).pending)
    here.apply(THING, "m1")
    assert pending_writes == [Pending(hash=hash_of(NEW), at=NOW, by="m1")]


def test_what_was_taken_over_already_is_left_alone(here: Here) -> None:
    here.elsewhere(NEW, "20@eu-central-1")
    here.apply(THING, "m1")
    before = here.own(THING)
    here.core.calls.clear()
    assert here.apply(THING, "m1") is None
    assert here.own(THING) == before
    assert here.core.calls == []


def test_a_deletion_elsewhere_deletes_here(here: Here) -> None:
    here.hold(row(THING, WEST, OLD, "10@eu-west-1"))
    here.elsewhere(None, "20@eu-central-1", "10@eu-west-1")
    here.apply(THING, "m1")
    assert here.core.states == {}
    assert here.own(THING).state is None


def test_an_equal_state_is_adopted_without_a_word_to_iot_core(here: Here) -> None:
    here.hold(row(THING, WEST, NEW, "10@eu-west-1"))
    here.elsewhere(NEW, "20@eu-central-1")
    taken = here.apply(THING, "m1")
    assert taken is not None
    assert taken.stamp == stamp("20@eu-central-1")
    assert taken.seen == {WEST: stamp("10@eu-west-1"), CENTRAL: stamp("20@eu-central-1")}
    assert taken.lost is None
    assert here.core.calls == []


def test_an_own_change_that_wins_is_settled_by_having_seen_the_other(here: Here) -> None:
    here.hold(row(THING, WEST, OLD, "30@eu-west-1"))
    here.elsewhere(NEW, "20@eu-central-1")
    assert here.apply(THING, "m1") is None
    own = here.own(THING)
    assert (own.state, own.stamp, own.held_at) == (OLD, stamp("30@eu-west-1"), 30)
    assert own.seen == {WEST: stamp("30@eu-west-1"), CENTRAL: stamp("20@eu-central-1")}
    assert here.core.calls == []


def test_an_own_change_made_apart_that_loses_is_kept(here: Here) -> None:
    here.hold(row(THING, WEST, OLD, "10@eu-west-1"))
    here.elsewhere(NEW, "20@eu-central-1")
    here.apply(THING, "m1")
    assert here.own(THING).lost == Lost(state=OLD, stamp=stamp("10@eu-west-1"))


def test_it_is_kept_too_where_the_other_region_settled_it_first(here: Here) -> None:
    here.hold(row(THING, WEST, OLD, "10@eu-west-1"))
    here.elsewhere(NEW, "20@eu-central-1", "10@eu-west-1")
    here.apply(THING, "m1")
    assert here.own(THING).lost == Lost(state=OLD, stamp=stamp("10@eu-west-1"))


def test_a_state_that_another_region_changed_knowingly_has_not_lost(here: Here) -> None:
    here.hold(row(THING, WEST, OLD, "10@eu-west-1"))
    there = here.elsewhere(NEW, "20@eu-central-1", "10@eu-west-1")
    here.table.take(replace(there, revision=21, basis={WEST: stamp("10@eu-west-1")}))
    here.apply(THING, "m1")
    assert (here.own(THING).state, here.own(THING).lost) == (NEW, None)


def test_a_change_that_capture_has_not_seen_yet_is_captured_before_it_is_overwritten(
    here: Here,
) -> None:
    here.hold(row(CERTIFICATE, WEST, ACTIVE, "10@eu-west-1"))
    here.core.set(CERTIFICATE, REVOKED)
    here.elsewhere({**ACTIVE, "policies": ["p"]}, "20@eu-central-1", "10@eu-west-1", of=CERTIFICATE)
    assert here.apply(CERTIFICATE, "m1") is None
    own = here.own(CERTIFICATE)
    assert here.core.states[CERTIFICATE] == own.state == REVOKED
    assert own.stamp.region == WEST
    assert own.seen[CENTRAL] == stamp("20@eu-central-1")


def test_an_older_change_that_no_event_reported_does_not_win_over_a_later_one_and_is_kept(
    here: Here,
) -> None:
    old, local, later = ({"document": {"a": number}} for number in range(3))
    here.hold(row(SHADOW, WEST, old, "10@eu-west-1"))
    made = NOW - 60_000
    here.core.set(SHADOW, local)
    here.core.seconds[SHADOW] = made // 1000
    there = here.elsewhere(later, f"{NOW - 30_000}@eu-central-1", "10@eu-west-1", of=SHADOW)
    here.apply(SHADOW, "m1")
    own = here.own(SHADOW)
    assert here.core.states[SHADOW] == own.state == later
    assert own.stamp == there.stamp
    assert own.lost == Lost(state=local, stamp=stamp(f"{made}@eu-west-1"))


def test_what_a_region_has_had_before_anybody_looked_is_a_change_of_its_own(here: Here) -> None:
    here.core.set(CERTIFICATE, ACTIVE)
    here.elsewhere(None, f"{NOW - 1000}@eu-central-1", of=CERTIFICATE)
    here.apply(CERTIFICATE, "m1")
    assert here.core.states == {}, "of changes made apart deletion wins"
    lost = here.own(CERTIFICATE).lost
    assert lost is not None
    assert lost.state == ACTIVE


def test_a_change_made_after_applying_is_a_change_after_what_was_applied(here: Here) -> None:
    here.elsewhere(NEW, "20@eu-central-1")
    here.apply(THING, "m1")
    here.core.set(THING, OLD)
    captured = here.capture(THING, NOW)
    assert captured is not None
    assert (captured.state, captured.stamp.region) == (OLD, WEST)
    assert captured.seen[CENTRAL] == stamp("20@eu-central-1")


@pytest.mark.parametrize(
    "error", [RetryableError("its type is missing"), PermanentError("too long")]
)
def test_what_a_failed_try_left_is_noted_and_the_row_is_free(here: Here, error: Exception) -> None:
    here.hold(row(THING, WEST, OLD, "10@eu-west-1"))
    here.elsewhere(NEW, "20@eu-central-1", "10@eu-west-1")
    here.core.half = error
    with pytest.raises(type(error)):
        here.apply(THING, "m1")
    own = here.own(THING)
    assert (own.state, own.stamp, own.pending) == (OLD, stamp("10@eu-west-1"), None)
    assert own.left == hash_of({**NEW, **HALF})
    assert here.capture(THING, NOW) is None
    here.apply(THING, "m2")
    assert here.core.states[THING] == here.own(THING).state == NEW
    assert here.own(THING).left is None


def crashed(here: Here) -> None:
    here.hold(row(THING, WEST, OLD, "10@eu-west-1"))
    here.elsewhere(NEW, "20@eu-central-1", "10@eu-west-1")
    here.core.half = Crash()
    with pytest.raises(Crash):
        here.apply(THING, "m1")
    assert here.own(THING).pending is not None


def test_a_crashed_run_s_change_is_taken_over_when_its_message_comes_again(here: Here) -> None:
    crashed(here)
    here.apply(THING, "m1")
    assert here.core.states[THING] == here.own(THING).state == NEW
    assert here.own(THING).pending is None


def _unreported() -> None:
    pass


def test_another_message_waits_until_the_run_must_have_crashed(here: Here) -> None:
    crashed(here)
    here.time += PENDING_TIMEOUT - 1
    with pytest.raises(ChangePendingError):
        here.apply(THING, "m2")
    with pytest.raises(ChangePendingError):
        here.apply.dead_letter(THING, "reason", 3, "m2", _unreported)
    here.time += 1
    here.apply(THING, "m2")
    assert here.own(THING).state == NEW


def test_a_revocation_in_the_time_of_a_crashed_run_is_not_undone_by_taking_it_over(
    here: Here,
) -> None:
    here.hold(row(CERTIFICATE, WEST, ACTIVE, "10@eu-west-1"))
    here.elsewhere({**ACTIVE, "policies": ["p"]}, "20@eu-central-1", "10@eu-west-1", of=CERTIFICATE)
    here.core.half = Crash()
    with pytest.raises(Crash):
        here.apply(CERTIFICATE, "m1")
    here.core.set(CERTIFICATE, REVOKED)
    here.apply(CERTIFICATE, "m1")
    assert here.core.states[CERTIFICATE] == here.own(CERTIFICATE).state == REVOKED


def test_what_is_given_up_says_why_until_it_works(here: Here) -> None:
    crashed(here)
    reported = list[Row]()
    for _ in range(2):
        here.apply.dead_letter(
            THING, "its type is missing", 3, "m1", lambda: reported.append(here.own(THING))
        )
    (before,) = reported
    assert before.dead_letter is None
    own = here.own(THING)
    assert own.dead_letter == DeadLetter(reason="its type is missing", at=NOW, attempts=3)
    assert (own.pending, own.left) == (None, hash_of({**NEW, **HALF}))
    assert own.stamp == stamp("10@eu-west-1")
    here.apply(THING, "m2")
    assert here.own(THING).dead_letter is None


def test_an_entity_that_was_never_here_can_be_given_up_too(here: Here) -> None:
    here.elsewhere(NEW, "20@eu-central-1")
    here.apply.dead_letter(THING, "its type is missing", 3, "m1", _unreported)
    own = here.own(THING)
    assert own.is_blank
    assert own.dead_letter is not None
    assert here.capture(THING, NOW) is None
    here.apply(THING, "m2")
    assert here.own(THING).state == NEW


def test_rows_of_what_was_deleted_long_ago_are_not_taken_over_again(here: Here) -> None:
    here.elsewhere(None, f"{NOW - TOMBSTONE_LIFETIME - 1}@eu-central-1")
    assert here.apply(THING, "m1") is None
    assert list(here.table.items) == [(THING.key, CENTRAL)]


def test_a_deletion_that_is_reported_of_in_time_is_acknowledged_where_nothing_was(
    here: Here,
) -> None:
    there: Any = here.elsewhere(None, f"{NOW - 1000}@eu-central-1")
    here.apply(THING, "m1")
    assert here.own(THING).stamp == there.stamp
