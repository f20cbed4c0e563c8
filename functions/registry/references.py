"""The entities that the state of another entity refers to."""

from collections.abc import Iterator
from contextlib import suppress

from functions.registry.entity import Entity, EntityError, Kind
from functions.registry.state import State

# A shadow refers to nothing, not even to its thing: it works without an entry in the registry.
_REFERENCES = {
    Kind.THING: {
        "type": Kind.THING_TYPE,
        "groups": Kind.THING_GROUP,
        "principals": Kind.CERTIFICATE,
    },
    Kind.THING_GROUP: {"parent": Kind.THING_GROUP, "policies": Kind.POLICY},
    Kind.CERTIFICATE: {"policies": Kind.POLICY},
}


def referenced(kind: Kind, state: State | None) -> Iterator[Entity]:
    """Yield the entities that must exist before an entity with this state can be created.

    Names that AWS does not allow are skipped: a malformed state must not prevent its capture.
    """
    for member, referenced_kind in _REFERENCES.get(kind, {}).items():
        value: str | list[str] = (state or {}).get(member) or []
        for name in [value] if isinstance(value, str) else value:
            with suppress(EntityError):
                yield Entity(referenced_kind, name)
