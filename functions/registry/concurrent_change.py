"""Whether a state seen during or after a write can be an intermediate state of that write."""

from collections.abc import Set

from functions.registry.entity import Entity, Kind
from functions.registry.state import State, hash_of
from functions.registry.winner import SET_BY_AWS_ONLY, restriction_rank


def is_concurrent_change(entity: Entity, current: State | None, *ends: State | None) -> bool:
    """Whether the current state proves that somebody else changed the entity during a write.

    `ends` are the states before and after that write. UpdateThingShadow writes a half at once, so a
    shadow has no intermediate state; and no step of a write restricts a certificate more than both
    ends do, except the deactivation of one for which a status is wanted that only AWS sets. Other
    entities are written by several calls, and their intermediate states prove nothing. Raises
    StateError if a state cannot be written as JSON.
    """
    if hash_of(current) in [hash_of(end) for end in ends]:
        return False
    steps = [*ends, {"status": "INACTIVE"}] if _waits_for_aws(entity, ends[-1]) else ends
    strictest = max(restriction_rank(entity.kind, step) for step in steps)
    return entity.kind is Kind.SHADOW or restriction_rank(entity.kind, current) > strictest


def _waits_for_aws(entity: Entity, wanted: State | None) -> bool:
    return entity.kind is Kind.CERTIFICATE and (wanted or {}).get("status") in SET_BY_AWS_ONLY


def is_detaching(entity: Entity, current: State | None, wanted: State | None) -> bool:
    """Whether AWS may still detach certificates of a thing whose write to `wanted` failed.

    DetachThingPrincipal is asynchronous, and lists may show the certificate until it is done:
    docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html. A write detaches
    after it has updated the thing's type and attributes, a deletion at once.
    """
    if entity.kind is not Kind.THING or current is None:
        return False
    is_updated = wanted is None or all(
        current.get(name) == wanted.get(name) for name in ("type", "attributes")
    )
    return is_updated and not _attachments(current) <= _attachments(wanted or {})


def _attachments(thing: State) -> Set[tuple[object, bool]]:
    exclusive = thing.get("exclusive", ())
    return {(principal, principal in exclusive) for principal in thing.get("principals", ())}
