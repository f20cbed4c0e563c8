"""What capture writes down, and what it leaves alone."""

import pytest

from functions.registry.pending import PENDING_TIMEOUT, ChangeAbandonedError, ChangePendingError
from functions.registry.row import Pending, Row
from functions.registry.stamp import HybridStamp
from functions.registry.state import State, StateError, hash_of
from functions.registry.table import RevisionConflictError
from tests.functions.registry.racing import racing
from tests.functions.registry.regions import CERTIFICATE, SHADOW, THING, Region
from tests.functions.registry.rows import CENTRAL, WEST, row, stamp

NOW = 1_800_000_000_000
OLD: State = {"attributes": {"a": "old"}}
NEW: State = {"attributes": {"a": "new"}}


@pytest.fixture
def here() -> Region:
    return Region(WEST, lambda: NOW)


def hold(region: Region, row: Row) -> Row:
    return region.table.put(row, 0)


def test_what_is_new_is_stamped_at_its_event(here: Region) -> None:
    here.core.set(THING, OLD)
    assert here.capture(THING, NOW - 100) == here.own(THING)
    written = here.own(THING)
    assert written.state == OLD
    assert written.stamp == HybridStamp(NOW - 100, 0, WEST)
    assert written.seen == {WEST: written.stamp}
    assert (written.basis, written.held_at, written.revision) == ({}, NOW, 1)


def test_what_the_row_says_already_is_left_alone_whichever_event_reports_it(here: Region) -> None:
    here.core.set(THING, OLD)
    here.capture(THING, NOW)
    before = here.own(THING)
    assert here.capture(THING, NOW) is None
    assert here.own(THING) == before


def test_of_what_is_neither_there_nor_written_down_nothing_is_said(here: Region) -> None:
    assert here.capture(THING, NOW) is None
    assert here.table.items == {}


def test_what_is_gone_is_written_down_as_gone(here: Region) -> None:
    hold(here, row(THING, WEST, OLD, "10@eu-west-1"))
    written = here.capture(THING, NOW)
    assert written is not None
    assert written.state is None
    assert written.hash == hash_of(None)


def test_a_change_has_seen_what_was_applied_here_and_comes_after_it(here: Region) -> None:
    ahead = f"{NOW + 5000}@eu-central-1"
    hold(here, row(THING, WEST, OLD, ahead, "10@eu-west-1"))
    here.core.set(THING, NEW)
    written = here.capture(THING, NOW)
    assert written is not None
    assert written.stamp == HybridStamp(NOW + 5000, 1, WEST)
    assert written.seen == {WEST: written.stamp, CENTRAL: stamp(ahead)}
    assert written.basis == {WEST: stamp("10@eu-west-1"), CENTRAL: stamp(ahead)}


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, ChangePendingError),
        (PENDING_TIMEOUT - 1, ChangePendingError),
        (PENDING_TIMEOUT, ChangeAbandonedError),
    ],
)
def test_while_a_change_is_half_done_capture_waits(
    here: Region, age: int, expected: type[ChangePendingError]
) -> None:
    pending = Pending(hash="h", at=NOW - age, by="m")
    hold(here, row(THING, WEST, OLD, "10@eu-west-1", pending=pending))
    here.core.set(THING, NEW)
    with pytest.raises(expected) as refusal:
        here.capture(THING, NOW)
    assert refusal.type is expected
    assert here.own(THING).state == OLD


def test_what_a_try_that_failed_left_is_nobody_s_change(here: Region) -> None:
    hold(here, row(THING, WEST, OLD, "10@eu-west-1", left=hash_of(NEW)))
    here.core.set(THING, NEW)
    assert here.capture(THING, NOW) is None
    here.core.set(THING, {"attributes": {"a": "somebody's"}})
    written = here.capture(THING, NOW)
    assert written is not None
    assert written.left is None


def test_a_revocation_is_reported_even_where_a_failed_try_may_have_left_it(here: Region) -> None:
    active, revoked = {"status": "ACTIVE"}, {"status": "REVOKED"}
    hold(here, row(CERTIFICATE, WEST, active, "10@eu-west-1", left=hash_of(revoked)))
    here.core.set(CERTIFICATE, revoked)
    assert here.capture(CERTIFICATE, NOW) is not None


def test_but_not_where_the_try_was_to_revoke(here: Region) -> None:
    active, revoked = {"status": "ACTIVE"}, {"status": "REVOKED", "policies": ["half"]}
    hold(here, row(CERTIFICATE, WEST, active, "10@eu-west-1", left=hash_of(revoked)))
    wanted = row(CERTIFICATE, CENTRAL, {"status": "REVOKED"}, "20@eu-central-1", "10@eu-west-1")
    here.table.take(wanted)
    here.core.set(CERTIFICATE, revoked)
    assert here.capture(CERTIFICATE, NOW) is None


def test_a_change_that_is_applied_between_two_reads_is_not_taken_for_a_local_one(
    here: Region,
) -> None:
    here.core.set(THING, NEW)
    hold(here, row(THING, WEST, OLD, "10@eu-west-1"))

    def applied() -> None:
        here.table.put(row(THING, WEST, NEW, "20@eu-central-1", "10@eu-west-1"), 1)

    assert racing(here, applied)(THING, NOW) is None
    assert here.own(THING).stamp == stamp("20@eu-central-1")


def test_a_row_that_is_written_all_the_time_is_left_for_later(here: Region) -> None:
    hold(here, row(THING, WEST, OLD, "10@eu-west-1"))
    here.core.set(THING, NEW)

    def touched() -> None:
        own = here.own(THING)
        here.table.put(own, own.revision)

    with pytest.raises(RevisionConflictError):
        racing(here, *[touched] * 20)(THING, NOW)


def test_what_no_row_can_hold_is_refused(here: Region) -> None:
    here.core.set(THING, {"document": {"a": float("inf")}})
    with pytest.raises(StateError):
        here.capture(THING, NOW)


DOCUMENT: State = {"document": {"a": 1}}
AT = NOW - 60_000


def dated(here: Region, at: int) -> None:
    """Hold a shadow that IoT Core says was changed at so many milliseconds."""
    here.core.set(SHADOW, DOCUMENT)
    here.core.seconds[SHADOW] = at // 1000


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, AT),
        (NOW - 5000, AT),
        (AT + 999, AT + 999),
        (AT + 1000, AT),
        (AT - 5000, AT),
    ],
    ids=["none", "later", "in that second", "a second later", "of a change before"],
)
def test_what_iot_core_dates_is_stamped_then_however_late_it_is_captured(
    here: Region, event: int | None, expected: int
) -> None:
    dated(here, AT)
    assert here.capture(SHADOW, event) is not None
    assert here.own(SHADOW).stamp == HybridStamp(expected, 0, WEST)


def test_a_date_that_is_ahead_of_the_clock_does_not_lead_into_the_future(here: Region) -> None:
    dated(here, NOW + 60_000)
    here.capture(SHADOW)
    assert here.own(SHADOW).stamp == HybridStamp(NOW, 0, WEST)


@pytest.mark.parametrize(("event", "expected"), [(None, NOW), (NOW - 10, NOW - 10)])
def test_a_date_from_before_the_row_is_not_that_of_a_change_since(
    here: Region, event: int | None, expected: int
) -> None:
    made = f"{AT - 1000}@eu-west-1"
    hold(here, row(SHADOW, WEST, {"document": {"a": 0}}, made, held_at=AT + 1000))
    dated(here, AT)
    here.capture(SHADOW, event)
    assert here.own(SHADOW).stamp == HybridStamp(expected, 0, WEST)


def test_a_dated_change_comes_after_what_it_was_made_over_and_not_after_what_came_since(
    here: Region,
) -> None:
    # West's own change has won over central's, which it has seen and never applied.
    seen = f"{AT + 500}@eu-central-1"
    hold(here, row(SHADOW, WEST, {"document": {"a": 0}}, f"{AT - 9000}@eu-west-1", seen))
    dated(here, AT)
    here.capture(SHADOW)
    assert here.own(SHADOW).stamp == HybridStamp(AT + 500, 1, WEST)
