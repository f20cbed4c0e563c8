"""What one region holds of one entity, as the table keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.registry.entity import Entity
from functions.registry.stamp import Seen, Stamp
from functions.registry.state import NONE, State

KEPT_DELETED = 90 * 86_400_000
"""The milliseconds after which the row of a deleted entity goes."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """What is just being applied: the hash of the state, since when, and by which run."""

    hash: str
    at: int
    by: str


@dataclass(frozen=True, kw_only=True)
class Parked:
    """Why an entity was given up until the reconciler asks again, when, after how many tries."""

    reason: str
    at: int
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A state that was made here and that another region's won over."""

    state: State | None
    stamp: Stamp


def _nothing() -> Seen:
    return {}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a region holds of an entity; each region writes its own rows alone.

    `seen` is what went into the row, its own stamp included; `basis` what was known where the
    stamp was made. `held_at` is when the region came to hold the state, in milliseconds.
    `revision` counts the writes, 0 being none. `left` is the hash of what a try that failed left
    in IoT Core: neither the row's state nor a change of anybody's. `expires` is for a deleted
    entity that no other row holds: its row goes in the end. `away` is for the row of a region that
    is not among the environment's: it decides nothing, and is not kept in the table.
    """

    entity: Entity
    region: str
    state: State | None
    hash: str
    stamp: Stamp
    held_at: int
    revision: int = 0
    seen: Seen = field(default_factory=_nothing)
    basis: Seen = field(default_factory=_nothing)
    pending: Pending | None = None
    left: str | None = None
    parked: Parked | None = None
    lost: Lost | None = None
    expires: bool = False
    away: bool = False

    @classmethod
    def blank(cls, entity: Entity, region: str) -> "Row":
        """Give the row of a region that knows nothing of an entity yet."""
        return cls(
            entity=entity,
            region=region,
            state=None,
            hash=NONE,
            stamp=Stamp(0, 0, region),
            held_at=0,
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing was captured or applied yet."""
        return not self.seen

    def has_seen(self, other: "Row") -> bool:
        """Tell whether all that went into another row went into this one."""
        return covers(self.seen, other.seen)

    def gone_at(self) -> int | None:
        """Give the milliseconds at which the row of a deleted entity goes, the same everywhere."""
        return None if self.state is not None else self.stamp.milliseconds + KEPT_DELETED

    def is_gone(self, now: int) -> bool:
        """Tell whether it is of an entity deleted so long ago that it counts no more."""
        gone_at = self.gone_at()
        return not self.is_blank and gone_at is not None and gone_at < now


def covers(seen: Seen, other: Mapping[str, Stamp]) -> bool:
    """Tell whether all that was seen on one side was seen on the first."""
    return all(region in seen and stamp <= seen[region] for region, stamp in other.items())
