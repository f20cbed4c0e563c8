"""The entities that an event names, and the time of the event.

Registry events of IoT Core, certificates that registered themselves, shadow messages forwarded by a
topic rule, CloudTrail events from EventBridge, its pulses, and messages of this project that name
an entity.
"""

import re
from dataclasses import dataclass

from functions.contract import SCHEDULES
from functions.registry.entity import Entity, EntityError, Half, Kind
from functions.registry.queue import entity_in, json_object
from functions.registry_capture.account_region import AccountRegion
from functions.registry_capture.fields import Fields, milliseconds, nested, text
from functions.registry_capture.trail import detached_certificate, time_in, trail_change

# The kind and the member with its name for each event type:
# docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
_NAMES = {
    "THING_EVENT": (Kind.THING, "thingName"),
    "THING_TYPE_EVENT": (Kind.THING_TYPE, "thingTypeName"),
    "THING_TYPE_ASSOCIATION_EVENT": (Kind.THING, "thingName"),
    "THING_GROUP_EVENT": (Kind.THING_GROUP, "thingGroupName"),
    "THING_GROUP_HIERARCHY_EVENT": (Kind.THING_GROUP, "childGroupName"),
}
_MEMBERSHIP = "THING_GROUP_MEMBERSHIP_EVENT"
# The only event type without accountId: registry-events.html, see above.
_WITHOUT_ACCOUNT = "THING_TYPE_ASSOCIATION_EVENT"
# docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html#reserved-topics-shadow
_SHADOW = re.compile(
    r"\$aws/things/([^/]+)/shadow(?:/name/([^/]+))?/(?:update/documents|delete/accepted)"
)


@dataclass(frozen=True)
class Change:
    """The entities that may have changed, and when, in milliseconds since 1970; None if unknown.

    `detached` is the id of a certificate that was detached from the thing that is named.
    `registered` is when AWS registered a certificate whose device connected, and which it may still
    activate. A pulse names no entity: see `Pulses`.
    """

    entities: tuple[Entity, ...]
    at: int | None
    detached: str | None = None
    is_pulse: bool = False
    registered: int | None = None


def change_of(body: str, account_region: AccountRegion) -> Change:
    """Parse the body of a message.

    Raises EntityError if it is none of the known events, or one of another account or region.
    """
    event = json_object(body)
    if "eventType" in event:
        return Change((_registry_entity(event, account_region),), milliseconds(event, "timestamp"))
    if "caCertificateId" in event:
        # docs.aws.amazon.com/iot/latest/developerguide/auto-register-device-cert.html
        account_region.refuse_other_account(event.get("awsAccountId"))
        certificate = Entity(Kind.CERTIFICATE, text(event, "certificateId"))
        at = milliseconds(event, "timestamp")
        return Change((certificate,), at, registered=_registration_time(event, at))
    if "topic" in event:
        return Change(_shadow_halves(text(event, "topic")), milliseconds(event, "time"))
    if event.get("source") == SCHEDULES:
        account_region.refuse_other_account(event.get("account"))
        account_region.refuse_other_region(event.get("region"))
        return Change((), time_in(event, "time"), is_pulse=True)
    if "detail" in event:
        detail = nested(event, "detail")
        return Change(*trail_change(detail, account_region), detached_certificate(detail))
    return Change((entity_in(event),), None)


def _registry_entity(event: Fields, account_region: AccountRegion) -> Entity:
    kind = text(event, "eventType")
    if kind != _WITHOUT_ACCOUNT:
        account_region.refuse_other_account(event.get("accountId"))
    if kind == _MEMBERSHIP:
        resource_type, name = account_region.resource(text(event, "thingArn")) or ("", "")
        if resource_type != "thing":
            raise EntityError("its thingArn is not that of a thing")
        return Entity(Kind.THING, name)
    if kind not in _NAMES:
        raise EntityError(f"its eventType {kind[:100]!r} is not one that is captured")
    entity, member = _NAMES[kind]
    return Entity(entity, text(event, member))


def _registration_time(event: Fields, at: int) -> int:
    """Return when AWS registered a certificate: `at` is that of the message, which may be later.

    AWS does not document whether a device that connects again, while its certificate is not active,
    causes another message. Samples have milliseconds as a string; anything else counts as missing.
    """
    value = event.get("certificateRegistrationTimestamp")
    is_time = isinstance(value, str) and re.fullmatch("[0-9]{13,14}", value)
    return int(value) if is_time else at


def _shadow_halves(topic: str) -> tuple[Entity, ...]:
    match = _SHADOW.fullmatch(topic)
    if match is None:
        raise EntityError("its topic is not one of shadow changes")
    thing, shadow = match[1], match[2] or ""
    return tuple(Entity.shadow(thing, shadow, half) for half in Half)
