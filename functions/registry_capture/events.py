"""Which entities a message says that may have changed, and when."""

import re
from dataclasses import dataclass

from functions.registry.entity import Entity, EntityError, Half, Kind
from functions.registry.queue import entity_of, object_of
from functions.registry_capture.fields import Fields, inner, milliseconds, text
from functions.registry_capture.home import Home
from functions.registry_capture.trail import trail_change

# Of each event the member that names what changed, as in registry-events.html below
# docs.aws.amazon.com/iot/latest/developerguide.
_NAMES = {
    "THING_EVENT": (Kind.THING, "thingName"),
    "THING_TYPE_EVENT": (Kind.THING_TYPE, "thingTypeName"),
    "THING_TYPE_ASSOCIATION_EVENT": (Kind.THING, "thingName"),
    "THING_GROUP_EVENT": (Kind.THING_GROUP, "thingGroupName"),
    "THING_GROUP_HIERARCHY_EVENT": (Kind.THING_GROUP, "childGroupName"),
}
_MEMBERSHIP = "THING_GROUP_MEMBERSHIP_EVENT"
# AWS puts no account into these.
_WITHOUT_ACCOUNT = "THING_TYPE_ASSOCIATION_EVENT"
_SHADOW = re.compile(
    r"\$aws/things/([^/]+)/shadow(?:/name/([^/]+))?/(?:update/documents|delete/accepted)"
)


@dataclass(frozen=True)
class Change:
    """The entities that may have changed, and the milliseconds at which; None: not known."""

    entities: tuple[Entity, ...]
    at: int | None


def change_of(body: str, home: Home) -> Change:
    """Read the body of a message.

    It is an event of IoT Core's registry, of a shadow or of a trail, or it names an entity. Raises
    EntityError when it is none of these, or of another account or region.
    """
    event = object_of(body)
    if "eventType" in event:
        return Change((_registered(event, home),), milliseconds(event, "timestamp"))
    if "topic" in event:
        return Change(_halves(text(event, "topic")), milliseconds(event, "time"))
    if "detail" in event:
        return Change(*trail_change(inner(event, "detail"), home))
    return Change((entity_of(event),), None)


def _registered(event: Fields, home: Home) -> Entity:
    kind = text(event, "eventType")
    if kind != _WITHOUT_ACCOUNT:
        home.refuse_other_account(event.get("accountId"))
    if kind == _MEMBERSHIP:
        what, name = home.resource(text(event, "thingArn")) or ("", "")
        if what != "thing":
            raise EntityError("its thingArn is of no thing")
        return Entity(Kind.THING, name)
    if kind not in _NAMES:
        raise EntityError(f"its eventType {kind[:100]!r} is not one that is captured")
    entity, member = _NAMES[kind]
    return Entity(entity, text(event, member))


def _halves(topic: str) -> tuple[Entity, ...]:
    match = _SHADOW.fullmatch(topic)
    if match is None:
        raise EntityError("its topic is not one of a shadow's changes")
    thing, shadow = match[1], match[2] or ""
    return tuple(Entity.shadow(thing, shadow, half) for half in Half)
