"""Whether a state seen during or after a write can be an intermediate state of that write."""

from functions.registry.entity import Entity, Kind
from functions.registry.state import State, hash_of
from functions.registry.winner import restriction_rank


def is_concurrent_change(entity: Entity, current: State | None, *ends: State | None) -> bool:
    """Whether the current state proves that somebody else changed the entity during a write.

    `ends` are the states before and after that write. UpdateThingShadow writes a half at once, so a
    shadow has no intermediate state; and no step of a write restricts a certificate more than both
    ends do. Other entities are written by several calls, and their intermediate states prove
    nothing. Raises StateError if a state cannot be written as JSON.
    """
    if hash_of(current) in [hash_of(end) for end in ends]:
        return False
    strictest = max(restriction_rank(entity.kind, end) for end in ends)
    return entity.kind is Kind.SHADOW or restriction_rank(entity.kind, current) > strictest
