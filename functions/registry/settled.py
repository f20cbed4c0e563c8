"""What a region's row becomes, from all rows of an entity and what is found in IoT Core."""

from collections.abc import Sequence
from dataclasses import replace

from functions.registry.entity import Entity, Kind
from functions.registry.meddled import is_meddled
from functions.registry.row import Lost, Row, covers
from functions.registry.state import State, hash_of
from functions.registry.winner import REVOKED, merged_seen, restriction, winner


def own_row(rows: Sequence[Row], entity: Entity, region: str) -> Row:
    """Give the region's row, or a blank one."""
    return next((row for row in rows if row.region == region), Row.blank(entity, region))


def settled(own: Row, rows: Sequence[Row], now: int) -> Row:
    """Give the region's row as it is once the region holds what the winner says.

    It is `own` itself when that is so already, and when the entity was deleted so long ago that the
    rows that still tell of it are about to go.
    """
    held = winner([own, *rows])
    expires = not held.is_blank and nobody_holds(held.state, own, rows)
    if own.revision == 0 and expires and held.is_gone(now):
        return own
    return replace(
        own,
        state=held.state,
        hash=held.hash,
        stamp=held.stamp,
        basis=held.basis,
        seen=merged_seen([own, *rows]),
        held_at=own.held_at if own.stamp == held.stamp else now,
        pending=None,
        left=None,
        parked=None,
        lost=_lost(own, held),
        expires=expires,
    )


def nobody_holds(state: State | None, own: Row, rows: Sequence[Row]) -> bool:
    """Tell whether neither a new state of the own row nor any other row has the entity.

    Rows of regions that are away count: they never go, and would bring to life what they hold.
    """
    others = (row for row in rows if row.region != own.region)
    return state is None and all(row.state is None for row in others)


def changed_here(own: Row, rows: Sequence[Row], state: State | None) -> bool:
    """Tell whether somebody changed the entity here since the row was written.

    What a try that failed or crashed may have left is nobody's change. But a revocation that is to
    be taken back is told even then, unless the own row says it: whoever takes it back has to have
    seen it. Raises StateError when the state is no JSON.
    """
    found = hash_of(state)
    if found == own.hash:
        return False
    if restriction(own.entity.kind, state) == REVOKED and not _is_revocation_known(own, rows):
        return True
    pending = own.pending
    if pending is None or found in (own.left, pending.hash):
        return pending is None and found != own.left
    held = winner([own, *rows])
    # What was to become of a certificate nobody knows any more where another change has won since.
    known = own.entity.kind is Kind.SHADOW or pending.hash == held.hash
    return known and is_meddled(own.entity, state, own.state, held.state)


def _is_revocation_known(own: Row, rows: Sequence[Row]) -> bool:
    kind, held = own.entity.kind, winner([own, *rows])
    wanted = not held.is_blank and restriction(kind, held.state) >= REVOKED
    return wanted or restriction(kind, own.state) == REVOKED


def _lost(own: Row, held: Row) -> Lost | None:
    made_here = not own.is_blank and own.stamp.region == own.region
    told = covers(held.basis, {own.stamp.region: own.stamp})
    if made_here and not told and own.hash != held.hash:
        return Lost(state=own.state, stamp=own.stamp)
    return own.lost
