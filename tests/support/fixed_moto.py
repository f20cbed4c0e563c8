"""Fixes of moto's IoT Core: deletions, and the types of principal attachments."""

from typing import Any, Final, cast

import pytest
from moto.core.responses import ActionResult, EmptyResult
from moto.iot.exceptions import InvalidRequestException
from moto.iot.models import FakeEndpoint, FakeThingGroup, IoTBackend
from moto.iot.responses import IoTResponse

_EXCLUSIVE: Final = "EXCLUSIVE_THING"
_SHARED: Final = "NON_EXCLUSIVE_THING"
_TYPES: Final = (None, _EXCLUSIVE, _SHARED)
_BACKEND: Final = cast("Any", IoTBackend)
_ATTACH: Final = _BACKEND.attach_thing_principal
_DETACH: Final = _BACKEND.detach_thing_principal
_DELETE_THING: Final = _BACKEND.delete_thing
_UPDATE_THING_GROUP: Final = _BACKEND.update_thing_group


def fix_moto(patch: pytest.MonkeyPatch) -> None:
    """Fix deletions of certificates, members and last attributes, attachment types, and shadows."""
    # moto deletes no certificate while a group has a policy, and calls this for each group.
    patch.setattr(FakeThingGroup, "certificate_id", None, raising=False)
    patch.setattr(IoTBackend, "describe_endpoint", _describe_endpoint)
    patch.setattr(IoTBackend, "delete_thing", _delete_thing)
    patch.setattr(IoTBackend, "update_thing_group", _update_thing_group)
    patch.setattr(IoTBackend, "detach_thing_principal", _detach_thing_principal)
    patch.setattr(IoTResponse, "attach_thing_principal", _attach_thing_principal)
    patch.setattr(IoTResponse, "list_thing_principals_v2", _list_thing_principals_v2)


def _exclusive(backend: Any) -> set[tuple[str, str]]:
    """Return the exclusive attachments of a region, as principal and thing."""
    # moto creates a backend's attributes for each account.
    return backend.__dict__.setdefault("exclusive_attachments", set())


def _attach_thing_principal(response: Any) -> Any:
    """Attach a principal with a type, which moto ignores.

    docs.aws.amazon.com/iot/latest/developerguide/exclusive-thing.html and attach-thing-principal:
    only certificates are exclusive, and one with an exclusive thing has no other. AWS does not
    document what happens to an attachment with another type, so it is refused.
    """
    backend, sort = response.iot_backend, response._get_param("thingPrincipalType")  # noqa: SLF001 - as moto's own do
    thing, principal = response._get_param("thingName"), response.headers.get("x-amzn-principal")  # noqa: SLF001 - as above
    exclusive, is_exclusive = _exclusive(backend), sort == _EXCLUSIVE
    things = set(backend.list_principal_things(principal))
    taken = things - {thing} and (is_exclusive or any(one == principal for one, _ in exclusive))
    other = thing in things and ((principal, thing) in exclusive) != is_exclusive
    if sort not in _TYPES or taken or other or (is_exclusive and ":cert/" not in principal):
        raise InvalidRequestException
    _ATTACH(backend, thing, principal)
    if is_exclusive:
        exclusive.add((principal, thing))
    return EmptyResult()


def _detach_thing_principal(backend: Any, thing_name: str, principal_arn: str) -> None:
    _DETACH(backend, thing_name, principal_arn)
    _exclusive(backend).discard((principal_arn, thing_name))


def _list_thing_principals_v2(response: Any) -> Any:
    backend, thing = response.iot_backend, response._get_param("thingName")  # noqa: SLF001 - as above
    sort = response._get_param("thingPrincipalType")  # noqa: SLF001 - as above
    results = [
        {
            "principal": principal,
            "thingPrincipalType": _EXCLUSIVE
            if (principal, thing) in _exclusive(backend)
            else _SHARED,
        }
        for principal in backend.list_thing_principals(thing)
    ]
    return ActionResult(
        {
            "thingPrincipalObjects": [
                each for each in results if sort in (None, each["thingPrincipalType"])
            ]
        }
    )


def _delete_thing(backend: Any, thing_name: str) -> None:
    """Delete a thing, which moto would still list in its groups."""
    arn = backend.describe_thing(thing_name).arn
    _DELETE_THING(backend, thing_name)
    for group in backend.thing_groups.values():
        group.things.pop(arn, None)


def _update_thing_group(
    backend: Any,
    thing_group_name: str,
    thing_group_properties: dict[str, Any],
    expected_version: int,
) -> int:
    """Update a thing group; without any attribute moto would keep all existing ones."""
    payload: dict[str, Any] = thing_group_properties.get("attributePayload") or {}
    version: int = _UPDATE_THING_GROUP(
        backend, thing_group_name, thing_group_properties, expected_version
    )
    if payload.get("attributes") == {} and not payload.get("merge"):
        result = backend.describe_thing_group(thing_group_name).thing_group_properties
        result.pop("attributePayload", None)
    return version


def _describe_endpoint(self: IoTBackend, endpoint_type: str) -> Any:
    """Return moto's own endpoint, not a new one at each call."""
    endpoint: Any = FakeEndpoint(endpoint_type, self.region_name)
    endpoint.endpoint = f"data-ats.iot.{self.region_name}.amazonaws.com"
    return endpoint
