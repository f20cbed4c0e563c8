"""Whether what is found during a write, or after it, can be what that has left."""

from functions.registry.entity import Entity, Kind
from functions.registry.state import State, hash_of
from functions.registry.winner import restriction


def is_meddled(entity: Entity, found: State | None, *ends: State | None) -> bool:
    """Tell whether somebody must have changed an entity on its way between two states.

    One call writes a half of a shadow, so there is nothing in between. And on no way is a
    certificate more shut out than at both ends. Of all else nobody can tell. Raises StateError when
    a state is no JSON.
    """
    if hash_of(found) in [hash_of(end) for end in ends]:
        return False
    taken = max(restriction(entity.kind, end) for end in ends)
    return entity.kind is Kind.SHADOW or restriction(entity.kind, found) > taken
