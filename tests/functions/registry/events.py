"""The events by which AWS reports a region's own changes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from functions.registry.stamp import wall_clock
from tests.functions.registry.aws import ACCOUNT

_TRAIL = {
    *("CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"),
    *("DeletePolicy", "AttachPolicy", "DetachPolicy", "AttachThingPrincipal"),
    *("DetachThingPrincipal", "RegisterCertificateWithoutCA", "UpdateCertificate"),
    "DeleteCertificate",
}
_REGISTERED = {
    **dict.fromkeys(("CreateThing", "UpdateThing", "DeleteThing"), ("THING", "thingName")),
    **dict.fromkeys(
        ("CreateThingType", "DeprecateThingType", "DeleteThingType"),
        ("THING_TYPE", "thingTypeName"),
    ),
    **dict.fromkeys(
        ("CreateThingGroup", "UpdateThingGroup", "DeleteThingGroup"),
        ("THING_GROUP", "thingGroupName"),
    ),
}
_MEMBERSHIP = ("AddThingToThingGroup", "RemoveThingFromThingGroup")
_SHADOW = {"UpdateThingShadow": "update/documents", "DeleteThingShadow": "delete/accepted"}


def trail_time(milliseconds: int) -> str:
    """Return the time as a trail writes it, to the second."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def called(name: str, region: str, answer: Any = None, **request: str) -> dict[str, Any]:
    """Return the event of a call that a trail has seen just now."""
    detail = {
        "eventSource": "iot.amazonaws.com",
        "eventName": name,
        "eventTime": trail_time(wall_clock()),
        "awsRegion": region,
        "recipientAccountId": ACCOUNT,
        "requestParameters": request,
        "responseElements": answer,
    }
    return {"version": "0", "source": "aws.iot", "detail": detail}


def registered(kind: str, **members: str) -> dict[str, Any]:
    """Return an event of the registry, such as THING_EVENT."""
    return {
        "eventType": f"{kind}_EVENT",
        "timestamp": wall_clock(),
        "accountId": ACCOUNT,
        **members,
    }


def thing_event(name: str) -> dict[str, Any]:
    """Return the event that a thing has changed."""
    return registered("THING", thingName=name)


def event_of(
    call: str, request: Mapping[str, Any], answer: Mapping[str, Any], region: str
) -> dict[str, Any] | None:
    """Return the event for a successful call, or None if it changes nothing."""
    if call in _TRAIL:
        ids = {name: answer[name] for name in ("certificateId",) if name in answer}
        return called(call, region, ids, **request)
    if call in _REGISTERED:
        kind, member = _REGISTERED[call]
        return registered(kind, **{member: request[member]})
    if call in _MEMBERSHIP:
        arn = f"arn:aws:iot:{region}:{ACCOUNT}:thing/{request['thingName']}"
        return registered("THING_GROUP_MEMBERSHIP", thingArn=arn)
    if call in _SHADOW:
        named = f"/name/{request['shadowName']}" if "shadowName" in request else ""
        topic = f"$aws/things/{request['thingName']}/shadow{named}/{_SHADOW[call]}"
        return {"topic": topic, "time": wall_clock()}
    return None
