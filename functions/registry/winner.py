"""Which of the regions' rows of an entity holds; every region finds the same one."""

from collections.abc import Iterable, Sequence

from functions.registry.entity import Kind
from functions.registry.row import Row
from functions.registry.stamp import Seen, Stamp
from functions.registry.state import State

REVOKED = 3
"""How much the revocation of a certificate takes."""

_DELETED = 4
_RESTRICTIONS = {
    "REVOKED": REVOKED,
    "INACTIVE": 2,
    "REGISTER_INACTIVE": 2,
    "PENDING_TRANSFER": 1,
    "ACTIVE": 0,
    # AWS's own beginning, at which just-in-time provisioning may stop: it takes nothing from a
    # certificate that is active elsewhere.
    "PENDING_ACTIVATION": -1,
}


def winner(rows: Sequence[Row]) -> Row:
    """Give the row that holds, none of a region that is away; raises ValueError without any.

    A row is out when another one has seen all that it has, and more. Whole histories are compared,
    not single stamps: of three regions, two may have seen each other's stamp and have settled
    differently, before the third one's row came.
    """
    here = [row for row in rows if not row.away]
    return max((row for row in here if not _is_out(row, here)), key=_precedence)


def merged_seen(rows: Iterable[Row]) -> Seen:
    """Give for each region of origin the last stamp that any row of a region not away has seen."""
    merged: dict[str, Stamp] = {}
    for row in rows:
        for region, stamp in () if row.away else row.seen.items():
            merged[region] = max(stamp, merged.get(region, stamp))
    return merged


def restriction(kind: Kind, state: State | None) -> int:
    """Tell how much a state takes from an active certificate: 0 for it, and for all other kinds."""
    if kind not in (Kind.CERTIFICATE, Kind.CA_CERTIFICATE):
        return 0
    if state is None:
        return _DELETED
    # A status that AWS may invent is taken for one that does not let a device in.
    return _RESTRICTIONS.get(state.get("status", ""), _RESTRICTIONS["INACTIVE"])


def _is_out(row: Row, rows: Sequence[Row]) -> bool:
    return any(other.has_seen(row) and not row.has_seen(other) for other in rows)


def _precedence(row: Row) -> tuple[int, bool, Stamp, str]:
    # A region that knows no types of attachments yet writes down none.
    is_exclusive = row.entity.kind is Kind.THING and "exclusive" in (row.state or {})
    return restriction(row.entity.kind, row.state), is_exclusive, row.stamp, row.hash
