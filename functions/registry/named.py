"""Which entities the state of another one names."""

from collections.abc import Iterator
from contextlib import suppress

from functions.registry.entity import Entity, EntityError, Kind
from functions.registry.state import State

# A shadow needs nothing, its thing neither.
_NAMED = {
    Kind.THING: {
        "type": Kind.THING_TYPE,
        "groups": Kind.THING_GROUP,
        "principals": Kind.CERTIFICATE,
    },
    Kind.THING_GROUP: {"parent": Kind.THING_GROUP, "policies": Kind.POLICY},
    Kind.CERTIFICATE: {"policies": Kind.POLICY},
}


def named(kind: Kind, state: State | None) -> Iterator[Entity]:
    """Give what an entity with this state needs to be there, but for what no entity can be called.

    An odd name would else keep its entity from being written down.
    """
    for member, of in _NAMED.get(kind, {}).items():
        value: str | list[str] = (state or {}).get(member) or []
        for name in [value] if isinstance(value, str) else value:
            with suppress(EntityError):
                yield Entity(of, name)
