"""moto's IoT Core where it would keep what AWS lets go."""

from typing import Any, Final, cast

import pytest
from moto.iot.models import FakeThingGroup, IoTBackend

_BACKEND: Final = cast("Any", IoTBackend)
_DELETE_THING: Final = _BACKEND.delete_thing
_UPDATE_THING_GROUP: Final = _BACKEND.update_thing_group


def mend(patch: pytest.MonkeyPatch) -> None:
    """Let certificates, members and last attributes go."""
    # moto deletes no certificate while a group has a policy, and asks each group for this.
    patch.setattr(FakeThingGroup, "certificate_id", None, raising=False)
    patch.setattr(IoTBackend, "delete_thing", _delete_thing)
    patch.setattr(IoTBackend, "update_thing_group", _update_thing_group)


def _delete_thing(backend: Any, thing_name: str) -> None:
    """Delete a thing, which moto would go on listing in its groups."""
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
    """Update a thing group; without any attribute moto would keep all that it has."""
    payload: dict[str, Any] = thing_group_properties.get("attributePayload") or {}
    version: int = _UPDATE_THING_GROUP(
        backend, thing_group_name, thing_group_properties, expected_version
    )
    if payload.get("attributes") == {} and not payload.get("merge"):
        held = backend.describe_thing_group(thing_group_name).thing_group_properties
        held.pop("attributePayload", None)
    return version
