"""The entities that an event names, and the time of the event.

Registry events of IoT Core, certificates that registered themselves, shadow messages forwarded by a
topic rule, CloudTrail events from EventBridge, its pulses, and messages of this project that name
an entity.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from functions.contract import SCHEDULES
from functions.registry.entity import Entity, EntityError, Half, Kind
from functions.registry.queue import entity_in, json_object
from functions.registry_capture.account_region import AccountRegion

Fields = Mapping[str, object]

# The year 5138: a larger number is in another unit than milliseconds.
_LATEST = 10**14


def text(fields: Fields, name: str) -> str:
    """Return a string; raises EntityError if the member is missing or of another type."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise EntityError(f"its {name} must be a string")
    return value


def nested(fields: Fields, name: str) -> Fields:
    """Return an object; raises EntityError if the member is missing or of another type."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise EntityError(f"its {name} must be an object")
    return cast("Fields", value)


def _milliseconds(fields: Fields, name: str) -> int:
    """Return milliseconds since 1970.

    Raises EntityError if the member is missing or out of range.
    """
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise EntityError(f"its {name} must be a time in milliseconds")
    return value


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
class EntityChange:
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


def change_of(body: str, account_region: AccountRegion) -> EntityChange:
    """Parse the body of a message.

    Raises EntityError if it is none of the known events, or one of another account or region.
    """
    event = json_object(body)
    if "eventType" in event:
        return EntityChange(
            (_registry_entity(event, account_region),), _milliseconds(event, "timestamp")
        )
    if "caCertificateId" in event:
        # docs.aws.amazon.com/iot/latest/developerguide/auto-register-device-cert.html
        account_region.refuse_other_account(event.get("awsAccountId"))
        certificate = Entity(Kind.CERTIFICATE, text(event, "certificateId"))
        at = _milliseconds(event, "timestamp")
        return EntityChange((certificate,), at, registered=_registration_time(event, at))
    if "topic" in event:
        return EntityChange(_shadow_halves(text(event, "topic")), _milliseconds(event, "time"))
    if event.get("source") == SCHEDULES:
        account_region.refuse_other_account(event.get("account"))
        account_region.refuse_other_region(event.get("region"))
        return EntityChange((), _time_in(event, "time"), is_pulse=True)
    if "detail" in event:
        detail = nested(event, "detail")
        return EntityChange(*_trail_change(detail, account_region), _detached_certificate(detail))
    return EntityChange((entity_in(event),), None)


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


# Only names are read. The calls and their members: docs.aws.amazon.com/iot/latest/apireference. The
# form of the events:
# docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
_EntityReader = Callable[[Fields, AccountRegion], Entity | None]


def _trail_change(detail: Fields, account_region: AccountRegion) -> tuple[tuple[Entity, ...], int]:
    """Return the entities that a call may have changed, and its time.

    There are none if the call failed, or if its target is not replicated. The time is in
    milliseconds, with the precision of CloudTrail, which is a second. Raises EntityError for a
    malformed event, a call that changes nothing that is replicated, or another account or region.
    """
    if detail.get("eventSource") != "iot.amazonaws.com":
        raise EntityError("its eventSource is not IoT Core")
    account_region.refuse_other_region(detail.get("awsRegion"))
    account_region.refuse_other_account(detail.get("recipientAccountId"))
    name, at = text(detail, "eventName"), _time_in(detail, "eventTime")
    if name not in _CALLS:
        raise EntityError(f"its call {name[:100]!r} is not one that is captured")
    if detail.get("errorCode") is not None:
        return (), at
    entity = _CALLS[name](detail, account_region)
    return () if entity is None else (entity,), at


def _detached_certificate(detail: Fields) -> str | None:
    """Return the id of the certificate that a call has detached from a thing, None for others."""
    if detail.get("eventName") != "DetachThingPrincipal" or detail.get("errorCode") is not None:
        return None
    return text(nested(detail, "requestParameters"), "principal").rpartition(":cert/")[2]


def _time_in(fields: Fields, name: str) -> int:
    """Return an ISO 8601 time in milliseconds; raises EntityError if the member is none."""
    moment = text(fields, name)
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(name)
        return int(at.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise EntityError(f"its {name} is not a time") from error


def _in_request(kind: Kind, member: str) -> _EntityReader:
    return lambda detail, _account_region: Entity(
        kind, text(nested(detail, "requestParameters"), member)
    )


def _in_response(kind: Kind) -> _EntityReader:
    return lambda detail, _account_region: Entity(
        kind, text(nested(detail, "responseElements"), "certificateId")
    )


def _policy_target(member: str) -> _EntityReader:
    def read(detail: Fields, account_region: AccountRegion) -> Entity | None:
        # A Cognito identity is not an ARN of IoT Core, and its attachments are not replicated.
        kind, name = account_region.resource(text(nested(detail, "requestParameters"), member)) or (
            "",
            "",
        )
        return Entity(_TARGETS[kind], name) if kind in _TARGETS else None

    return read


_TARGETS = {"cert": Kind.CERTIFICATE, "thinggroup": Kind.THING_GROUP}
_POLICY = _in_request(Kind.POLICY, "policyName")
_THING = _in_request(Kind.THING, "thingName")
_CALLS = {
    "CreatePolicy": _POLICY,
    "CreatePolicyVersion": _POLICY,
    "SetDefaultPolicyVersion": _POLICY,
    "DeletePolicyVersion": _POLICY,
    "DeletePolicy": _POLICY,
    "AttachPolicy": _policy_target("target"),
    "DetachPolicy": _policy_target("target"),
    "AttachPrincipalPolicy": _policy_target("principal"),
    "DetachPrincipalPolicy": _policy_target("principal"),
    "AttachThingPrincipal": _THING,
    "DetachThingPrincipal": _THING,
    "CreateCertificateFromCsr": _in_response(Kind.CERTIFICATE),
    "CreateKeysAndCertificate": _in_response(Kind.CERTIFICATE),
    "RegisterCertificate": _in_response(Kind.CERTIFICATE),
    "RegisterCertificateWithoutCA": _in_response(Kind.CERTIFICATE),
    "UpdateCertificate": _in_request(Kind.CERTIFICATE, "certificateId"),
    "DeleteCertificate": _in_request(Kind.CERTIFICATE, "certificateId"),
    "RegisterCACertificate": _in_response(Kind.CA_CERTIFICATE),
    "UpdateCACertificate": _in_request(Kind.CA_CERTIFICATE, "certificateId"),
    "DeleteCACertificate": _in_request(Kind.CA_CERTIFICATE, "certificateId"),
}
CALLS = frozenset(_CALLS)
"""The names of the calls that the EventBridge rule selects."""
