"""Selection of the winning row of an entity; every region computes the same one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from functions.registry.entity import Kind
from functions.registry.row import Row, covers
from functions.registry.stamp import HybridStamp, VersionVector
from functions.registry.state import State, hash_of

REVOKED = 3
"""The rank of a revoked certificate, see `restriction_rank`."""
SET_BY_AWS_ONLY = ("PENDING_ACTIVATION", "PENDING_TRANSFER", "REGISTER_INACTIVE")
"""UpdateCertificate refuses the first two as a new status, and the third is deprecated.

docs.aws.amazon.com/iot/latest/apireference/API_UpdateCertificate.html
"""

_DELETED = 4
_RESTRICTIONS = {
    "REVOKED": REVOKED,
    "INACTIVE": 2,
    "REGISTER_INACTIVE": 2,
    "PENDING_TRANSFER": 1,
    "ACTIVE": 0,
    # The status in which just-in-time registration and fleet provisioning begin, and at which they
    # may stop in one region: it must not win over a certificate that is active in another.
    # docs.aws.amazon.com/iot/latest/developerguide/auto-register-device-cert.html
    "PENDING_ACTIVATION": -1,
}


def winner(rows: Sequence[Row]) -> Row:
    """Return the winning row of the regions that are not away; raises ValueError without any.

    A state is superseded if the basis of another row covers its stamp: that change was made by
    somebody who had seen it, even if a third region has merged it with later changes since. Of the
    other rows one is superseded if another one's version vector dominates its own. Version vectors
    are compared, not single stamps: two of three regions may have seen each other's stamp and
    resolved it differently before the third row arrived. Among concurrent rows the greatest
    restriction wins, then a thing with exclusive attachments, then the latest stamp.
    """
    present = [row for row in rows if not row.away]
    current = list(chain.from_iterable(_current(row, present) for row in present))
    return max((row for row in current if not _is_dominated(row, current)), key=_precedence)


def merged_seen(rows: Iterable[Row]) -> VersionVector:
    """Return the version vector that merges those of all rows of regions that are not away."""
    merged: dict[str, HybridStamp] = {}
    for row in rows:
        for region, stamp in () if row.away else row.seen.items():
            merged[region] = max(stamp, merged.get(region, stamp))
    return merged


def restriction_rank(kind: Kind, state: State | None) -> int:
    """Return the rank of a certificate's state: the higher, the more it restricts.

    ACTIVE is 0, as are all states of other kinds of entities.
    """
    if kind not in (Kind.CERTIFICATE, Kind.CA_CERTIFICATE):
        return 0
    if state is None:
        return _DELETED
    # A status that AWS adds later is treated as one that does not let a device connect.
    return _RESTRICTIONS.get(state.get("status", ""), _RESTRICTIONS["INACTIVE"])


def _current(row: Row, rows: Sequence[Row]) -> list[Row]:
    """Return a row unless its state is superseded; then what its state had won over, if anything.

    A revocation that lost to a deletion stays one for whoever has seen the deletion alone.
    """
    if not _is_basis(row.stamp, rows):
        return [row]
    lost = row.lost
    if lost is None or _is_basis(lost.stamp, rows):
        return []
    seen = {lost.stamp.region: lost.stamp}
    return [
        replace(
            row, state=lost.state, hash=hash_of(lost.state), stamp=lost.stamp, seen=seen, basis={}
        )
    ]


def _is_basis(stamp: HybridStamp, rows: Sequence[Row]) -> bool:
    return any(covers(row.basis, {stamp.region: stamp}) for row in rows)


def _is_dominated(row: Row, rows: Sequence[Row]) -> bool:
    return any(other.has_seen(row) and not row.has_seen(other) for other in rows)


def _precedence(row: Row) -> tuple[int, bool, HybridStamp, str]:
    # Rows written before attachment types were recorded have no `exclusive`: the type must survive
    # them (docs.aws.amazon.com/iot/latest/developerguide/exclusive-thing.html).
    is_exclusive = row.entity.kind is Kind.THING and "exclusive" in (row.state or {})
    return restriction_rank(row.entity.kind, row.state), is_exclusive, row.stamp, row.hash
