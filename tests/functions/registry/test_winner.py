"""Which row holds."""

from dataclasses import replace
from itertools import permutations

import pytest

from functions.registry.entity import Entity, Kind
from functions.registry.row import Lost, Row
from functions.registry.state import State
from functions.registry.winner import merged_seen, winner
from tests.functions.registry.regions import CERTIFICATE, THING
from tests.functions.registry.rows import CENTRAL, EAST, WEST, row, stamp

OLD, NEW = {"value": "old"}, {"value": "new"}
CA = Entity(Kind.CA_CERTIFICATE, "1" * 64)


def status(word: str | None) -> State | None:
    return None if word is None else {"status": word}


def winning_state(*rows: Row) -> State | None:
    states = [winner(order).state for order in permutations(rows)]
    assert all(state == states[0] for state in states), "every region finds the same one"
    return states[0]


def test_a_row_that_another_one_has_seen_is_out_whatever_the_clocks_say() -> None:
    before = row(THING, WEST, OLD, "90@eu-west-1")
    after = row(THING, CENTRAL, NEW, "20@eu-central-1", "90@eu-west-1")
    assert winning_state(before, after) == NEW


def test_of_changes_made_apart_the_later_one_holds() -> None:
    assert (
        winning_state(
            row(THING, WEST, OLD, "10@eu-west-1"), row(THING, CENTRAL, NEW, "11@eu-central-1")
        )
        == NEW
    )
    assert (
        winning_state(
            row(THING, WEST, OLD, "10@eu-west-1"), row(THING, CENTRAL, None, "11@eu-central-1")
        )
        is None
    )


def test_a_blank_row_never_holds() -> None:
    assert winning_state(row(THING, WEST, OLD, "10@eu-west-1"), Row.blank(THING, CENTRAL)) == OLD


ORDER = [None, "REVOKED", "INACTIVE", "PENDING_TRANSFER", "ACTIVE", "PENDING_ACTIVATION"]


@pytest.mark.parametrize("entity", [CERTIFICATE, CA], ids=["certificate", "ca-certificate"])
@pytest.mark.parametrize("stronger", range(len(ORDER) - 1))
def test_of_changes_to_a_certificate_made_apart_the_most_restrictive_holds(
    entity: Entity, stronger: int
) -> None:
    for weaker in ORDER[stronger + 1 :]:
        strong = row(entity, WEST, status(ORDER[stronger]), "10@eu-west-1")
        weak = row(entity, CENTRAL, status(weaker), "20@eu-central-1")
        assert winning_state(strong, weak) == status(ORDER[stronger])


def test_of_changes_to_a_thing_made_apart_one_with_an_exclusive_certificate_holds() -> None:
    exclusive = row(THING, WEST, {"exclusive": ["a"]}, "10@eu-west-1")
    shared = row(THING, CENTRAL, {}, "20@eu-central-1")
    assert winning_state(exclusive, shared) == exclusive.state
    knowing = row(THING, CENTRAL, {}, "20@eu-central-1", "10@eu-west-1")
    assert winning_state(exclusive, knowing) == {}
    later = row(THING, CENTRAL, {"exclusive": ["b"]}, "20@eu-central-1")
    assert winning_state(exclusive, later) == later.state


def test_of_equally_restrictive_ones_the_later_holds_and_an_unknown_status_lets_nobody_in() -> None:
    early = row(CERTIFICATE, WEST, {"status": "INACTIVE", "policies": ["a"]}, "10@eu-west-1")
    late = row(CERTIFICATE, CENTRAL, {"status": "INACTIVE", "policies": ["b"]}, "11@eu-central-1")
    assert winning_state(early, late) == late.state
    unknown = row(CERTIFICATE, WEST, status("SUSPENDED"), "10@eu-west-1")
    assert (
        winning_state(unknown, row(CERTIFICATE, CENTRAL, status("ACTIVE"), "20@eu-central-1"))
        == unknown.state
    )


def test_who_has_seen_a_revocation_may_let_the_certificate_in_again() -> None:
    revoked = row(CERTIFICATE, WEST, status("REVOKED"), "10@eu-west-1")
    active = row(CERTIFICATE, CENTRAL, status("ACTIVE"), "20@eu-central-1", "10@eu-west-1")
    assert winning_state(revoked, active) == status("ACTIVE")


def test_regions_that_settled_differently_before_the_third_was_heard_still_agree() -> None:
    # Central has settled west's and its own, east made its change having seen west's alone: each
    # of the two has seen a stamp of the other's, and neither has seen all of it.
    central = row(CERTIFICATE, CENTRAL, None, "10@eu-west-1", "20@eu-central-1")
    east = row(CERTIFICATE, EAST, status("ACTIVE"), "30@us-east-1", "10@eu-west-1")
    both = row(
        CERTIFICATE, WEST, status("REVOKED"), "20@eu-central-1", "10@eu-west-1", "30@us-east-1"
    )
    assert winning_state(central, east, both) == status("REVOKED")
    assert winning_state(central, east) is None


def test_a_restriction_does_not_win_over_the_change_that_undid_it_knowingly() -> None:
    # West attached a policy while central revoked the certificate and let it in again. East had
    # merged west's change with the revocation before it saw that central undid the latter.
    attached = row(CERTIFICATE, WEST, {"status": "ACTIVE", "policies": ["a"]}, "15@eu-west-1")
    active = row(
        CERTIFICATE, CENTRAL, status("ACTIVE"), "20@eu-central-1", "10@eu-central-1",
        basis={CENTRAL: stamp("10@eu-central-1")},
    )  # fmt: skip
    merged = row(CERTIFICATE, EAST, status("REVOKED"), "10@eu-central-1", "15@eu-west-1")
    assert winning_state(attached, active, merged) == status("ACTIVE")
    later = replace(attached, stamp=stamp("30@eu-west-1"), seen={WEST: stamp("30@eu-west-1")})
    merged = row(CERTIFICATE, EAST, status("REVOKED"), "10@eu-central-1", "30@eu-west-1")
    assert winning_state(later, active, merged) == attached.state


def test_who_has_seen_a_deletion_alone_does_not_undo_the_revocation_that_had_lost_to_it() -> None:
    registered = row(
        CERTIFICATE, EAST, status("ACTIVE"), "30@us-east-1", "10@eu-west-1",
        basis={WEST: stamp("10@eu-west-1")},
    )  # fmt: skip
    lost = Lost(state=status("REVOKED"), stamp=stamp("20@eu-central-1"))
    deleted = row(CERTIFICATE, CENTRAL, None, "10@eu-west-1", "20@eu-central-1", lost=lost)
    assert winning_state(registered, deleted) == status("REVOKED")
    knowing = replace(registered, basis=deleted.seen, seen={**deleted.seen, **registered.seen})
    assert winning_state(knowing, deleted) == status("ACTIVE")


def test_what_was_seen_is_merged_by_region() -> None:
    rows = [
        row(THING, WEST, OLD, "10@eu-west-1", "5@eu-central-1"),
        row(THING, CENTRAL, NEW, "20@eu-central-1", "30@us-east-1"),
        Row.blank(THING, EAST),
    ]
    assert merged_seen(rows) == {
        WEST: stamp("10@eu-west-1"), CENTRAL: stamp("20@eu-central-1"), EAST: stamp("30@us-east-1"),
    }  # fmt: skip


def test_without_a_row_there_is_no_winner() -> None:
    with pytest.raises(ValueError, match="empty"):
        winner([])
