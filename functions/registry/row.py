"""One region's row of one entity in the registry table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.registry.entity import Entity
from functions.registry.stamp import HybridStamp, VersionVector
from functions.registry.state import HASH_OF_NONE, State

TOMBSTONE_LIFETIME = 90 * 86_400_000
"""Milliseconds for which the row of a deleted entity (its tombstone) is kept."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """The write in progress: hash of its target state, start in milliseconds, id of its run.

    The id is empty after a failed run that AWS is still executing (pending.NO_RUN).
    """

    hash: str
    at: int
    by: str


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """Why and when (milliseconds) retries of an entity ended, and after how many."""

    reason: str
    at: int
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A state that was made in this region and lost to a concurrent change in another one."""

    state: State | None
    stamp: HybridStamp


def _no_stamps() -> VersionVector:
    return {}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One region's state of an entity with its metadata; a region writes only its own rows.

    `stamp` is the origin of the state, `seen` the version vector of the row (its own stamp
    included), and `basis` the version vector that was known where the stamp was made. `held_at` is
    the time in milliseconds at which this region came to hold the state. `revision` counts the
    writes, 0 for a row that was never written.

    `left` is the hash of what a failed write left in IoT Core, which is neither the state of the
    row nor a local change. `expires` marks the tombstone of an entity that no other row holds:
    DynamoDB TTL deletes it. `away` is not stored: it marks a row of a region that is not one of the
    environment's, which decides nothing.
    """

    entity: Entity
    region: str
    state: State | None
    hash: str
    stamp: HybridStamp
    held_at: int
    revision: int = 0
    seen: VersionVector = field(default_factory=_no_stamps)
    basis: VersionVector = field(default_factory=_no_stamps)
    pending: Pending | None = None
    left: str | None = None
    dead_letter: DeadLetter | None = None
    lost: Lost | None = None
    expires: bool = False
    away: bool = False

    @classmethod
    def blank(cls, entity: Entity, region: str) -> "Row":
        """Return the row of a region that has neither captured nor applied the entity."""
        return cls(
            entity=entity,
            region=region,
            state=None,
            hash=HASH_OF_NONE,
            stamp=HybridStamp(0, 0, region),
            held_at=0,
        )

    @property
    def is_blank(self) -> bool:
        """Whether the region has neither captured nor applied the entity."""
        return not self.seen

    def has_seen(self, other: "Row") -> bool:
        """Whether the version vector of this row covers that of another row."""
        return covers(self.seen, other.seen)

    def expires_at(self) -> int | None:
        """Return when the tombstone expires, in milliseconds; None if the entity exists.

        The time is the same in all regions.
        """
        return None if self.state is not None else self.stamp.milliseconds + TOMBSTONE_LIFETIME

    def is_expired(self, now: int) -> bool:
        """Whether the row is a tombstone whose lifetime is over at `now` (milliseconds).

        TTL deletes expired items within a few days, not at once, so reads have to ignore them:
        docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
        """
        expires_at = self.expires_at()
        return not self.is_blank and expires_at is not None and expires_at < now


def covers(seen: VersionVector, other: Mapping[str, HybridStamp]) -> bool:
    """Whether version vector `seen` is at or past `other` for every region in `other`."""
    return all(region in seen and stamp <= seen[region] for region, stamp in other.items())
