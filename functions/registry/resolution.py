"""Conflict resolution for one region's row, and detection of local changes."""

from collections.abc import Sequence
from dataclasses import replace

from functions.registry.concurrent_change import is_concurrent_change
from functions.registry.entity import Entity, Kind
from functions.registry.row import Lost, Row, covers
from functions.registry.state import State, hash_of
from functions.registry.winner import REVOKED, merged_seen, restriction_rank, winner


def own_row(rows: Sequence[Row], entity: Entity, region: str) -> Row:
    """Return the region's row, or a blank one if it has none."""
    return next((row for row in rows if row.region == region), Row.blank(entity, region))


def resolved_row(own: Row, rows: Sequence[Row], now: int) -> Row:
    """Return the region's row as it must be once the region has the winning state.

    It equals `own` if nothing is to be done. That includes an entity without an own row that is
    deleted everywhere and whose winning tombstone has expired: the rows are about to be deleted,
    and are not copied again.
    """
    winning = winner([own, *rows])
    expires = not winning.is_blank and is_deleted_everywhere(winning.state, own, rows)
    if own.revision == 0 and expires and winning.is_expired(now):
        return own
    return replace(
        own,
        state=winning.state,
        hash=winning.hash,
        stamp=winning.stamp,
        basis=winning.basis,
        seen=merged_seen([own, *rows]),
        held_at=own.held_at if own.stamp == winning.stamp else now,
        pending=None,
        left=None,
        dead_letter=None,
        lost=_lost(own, winning),
        expires=expires,
    )


def is_deleted_everywhere(state: State | None, own: Row, rows: Sequence[Row]) -> bool:
    """Whether neither `state`, the new state of the own row, nor any other row has the entity.

    Rows of regions that are away count: TTL never deletes a row with a state, and such a row would
    recreate the entity if its region came back.
    """
    others = (row for row in rows if row.region != own.region)
    return state is None and all(row.state is None for row in others)


def is_changed_locally(own: Row, rows: Sequence[Row], state: State | None) -> bool:
    """Whether somebody changed the entity in this region since the own row was written.

    What an earlier write has left, or may have left when it crashed, does not count. A revocation
    counts even then, unless the own row or the winner has it already: undoing it must be a decision
    of somebody who has seen it. Raises StateError if the state cannot be written as JSON.
    """
    current = hash_of(state)
    if current == own.hash:
        return False
    if restriction_rank(own.entity.kind, state) == REVOKED and not _is_revocation_known(own, rows):
        return True
    pending = own.pending
    if pending is None or current in (own.left, pending.hash):
        return pending is None and current != own.left
    winning = winner([own, *rows])
    # If another change has won since, the state that the pending write was to reach is lost: only
    # its hash is in the row. A shadow does not need it, because one call writes a half.
    target_is_known = own.entity.kind is Kind.SHADOW or pending.hash == winning.hash
    return target_is_known and is_concurrent_change(own.entity, state, own.state, winning.state)


def _is_revocation_known(own: Row, rows: Sequence[Row]) -> bool:
    kind, winning = own.entity.kind, winner([own, *rows])
    wins = not winning.is_blank and restriction_rank(kind, winning.state) >= REVOKED
    return wins or restriction_rank(kind, own.state) == REVOKED


def _lost(own: Row, winning: Row) -> Lost | None:
    made_here = not own.is_blank and own.stamp.region == own.region
    was_known_to_winner = covers(winning.basis, {own.stamp.region: own.stamp})
    if made_here and not was_known_to_winner and own.hash != winning.hash:
        return Lost(state=own.state, stamp=own.stamp)
    return own.lost
