"""CloudTrail events of calls that change certificates and policies, which have no registry events.

Only names are read. The calls and their members: docs.aws.amazon.com/iot/latest/apireference. The
form of the events:
docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Callable
from datetime import datetime

from functions.registry.entity import Entity, EntityError, Kind
from functions.registry_capture.account_region import AccountRegion
from functions.registry_capture.fields import Fields, nested, text

_EntityReader = Callable[[Fields, AccountRegion], Entity | None]


def trail_change(detail: Fields, account_region: AccountRegion) -> tuple[tuple[Entity, ...], int]:
    """Return the entities that a call may have changed, and its time.

    There are none if the call failed, or if its target is not replicated. The time is in
    milliseconds, with the precision of CloudTrail, which is a second. Raises EntityError for a
    malformed event, a call that changes nothing that is replicated, or another account or region.
    """
    if detail.get("eventSource") != "iot.amazonaws.com":
        raise EntityError("its eventSource is not IoT Core")
    account_region.refuse_other_region(detail.get("awsRegion"))
    account_region.refuse_other_account(detail.get("recipientAccountId"))
    name, at = text(detail, "eventName"), time_in(detail, "eventTime")
    if name not in _CALLS:
        raise EntityError(f"its call {name[:100]!r} is not one that is captured")
    if detail.get("errorCode") is not None:
        return (), at
    entity = _CALLS[name](detail, account_region)
    return () if entity is None else (entity,), at


def detached_certificate(detail: Fields) -> str | None:
    """Return the id of the certificate that a call has detached from a thing, None for others."""
    if detail.get("eventName") != "DetachThingPrincipal" or detail.get("errorCode") is not None:
        return None
    return text(nested(detail, "requestParameters"), "principal").rpartition(":cert/")[2]


def time_in(fields: Fields, name: str) -> int:
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
