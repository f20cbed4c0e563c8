"""Events of a trail: calls that changed certificates and policies, of which AWS tells nowhere else.

Only names are read. The calls and their members: docs.aws.amazon.com/iot/latest/apireference.
"""

from collections.abc import Callable
from datetime import datetime

from functions.registry.entity import Entity, EntityError, Kind
from functions.registry_capture.fields import Fields, inner, text
from functions.registry_capture.home import Home

_Reads = Callable[[Fields, Home], Entity | None]


def trail_change(detail: Fields, home: Home) -> tuple[tuple[Entity, ...], int]:
    """Give what a call may have changed, and its milliseconds; nothing when the call failed.

    Raises EntityError for a call that changes nothing of ours, or of another account or region.
    """
    if detail.get("eventSource") != "iot.amazonaws.com":
        raise EntityError("it is of another service than IoT Core")
    home.refuse_other_region(detail.get("awsRegion"))
    home.refuse_other_account(detail.get("recipientAccountId"))
    name, at = text(detail, "eventName"), _milliseconds(text(detail, "eventTime"))
    if name not in _CALLS:
        raise EntityError(f"its call {name[:100]!r} is not one that is captured")
    if detail.get("errorCode") is not None:
        return (), at
    entity = _CALLS[name](detail, home)
    return () if entity is None else (entity,), at


def _milliseconds(moment: str) -> int:
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(moment)
        return int(at.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise EntityError("its eventTime is no time") from error


def _asked(kind: Kind, member: str) -> _Reads:
    return lambda detail, _home: Entity(kind, text(inner(detail, "requestParameters"), member))


def _answered(kind: Kind) -> _Reads:
    return lambda detail, _home: Entity(
        kind, text(inner(detail, "responseElements"), "certificateId")
    )


def _target(member: str) -> _Reads:
    def read(detail: Fields, home: Home) -> Entity | None:
        # An identity of Cognito's is no ARN of IoT Core, and is not copied.
        kind, name = home.resource(text(inner(detail, "requestParameters"), member)) or ("", "")
        return Entity(_TARGETS[kind], name) if kind in _TARGETS else None

    return read


_TARGETS = {"cert": Kind.CERTIFICATE, "thinggroup": Kind.THING_GROUP}
_POLICY = _asked(Kind.POLICY, "policyName")
_THING = _asked(Kind.THING, "thingName")
_CALLS = {
    "CreatePolicy": _POLICY,
    "CreatePolicyVersion": _POLICY,
    "SetDefaultPolicyVersion": _POLICY,
    "DeletePolicyVersion": _POLICY,
    "DeletePolicy": _POLICY,
    "AttachPolicy": _target("target"),
    "DetachPolicy": _target("target"),
    "AttachPrincipalPolicy": _target("principal"),
    "DetachPrincipalPolicy": _target("principal"),
    "AttachThingPrincipal": _THING,
    "DetachThingPrincipal": _THING,
    "CreateCertificateFromCsr": _answered(Kind.CERTIFICATE),
    "CreateKeysAndCertificate": _answered(Kind.CERTIFICATE),
    "RegisterCertificate": _answered(Kind.CERTIFICATE),
    "RegisterCertificateWithoutCA": _answered(Kind.CERTIFICATE),
    "UpdateCertificate": _asked(Kind.CERTIFICATE, "certificateId"),
    "DeleteCertificate": _asked(Kind.CERTIFICATE, "certificateId"),
    "RegisterCACertificate": _answered(Kind.CA_CERTIFICATE),
    "UpdateCACertificate": _asked(Kind.CA_CERTIFICATE, "certificateId"),
    "DeleteCACertificate": _asked(Kind.CA_CERTIFICATE, "certificateId"),
}
CALLS = frozenset(_CALLS)
"""The names of the calls that a trail is asked for."""
