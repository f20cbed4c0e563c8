"""Shadow halves: each is replicated on its own, as the other may have changed in another region."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from functions.registry.access.errors import PermanentError, if_exists
from functions.registry.access.region import SHADOW_TOKENS, TOKENS, Region, nested, page, paginated
from functions.registry.access.wanted import WantedState, equal_states
from functions.registry.entity import Half
from functions.registry.state import State, canonical_json

# Each thing of a page costs a ListNamedShadowsForThing, so pages are small.
_THINGS_PER_PAGE = 50
# The maximum of pageSize:
# docs.aws.amazon.com/iot/latest/apireference/API_iotdata_ListNamedShadowsForThing.html
_SHADOWS_PER_PAGE = 100
TOKEN_PREFIX = "iot-dr-"  # noqa: S105 - no secret, it marks the updates of this class
"""The prefix of the client tokens of replicated updates, by which topic rules can filter them."""


class Shadows:
    """Reads and writes shadow halves, whether or not their thing is in the registry.

    A device without an entry in the registry can have a shadow: AWS IoT does not require the thing.
    """

    def __init__(self, region: Region) -> None:
        self._iot = region.iot
        self._data = region.iot_data

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the names of both halves of all shadows of a page of things, and the next cursor.

        The shadows are not read, so empty halves and classic shadows that do not exist are
        included; both read as None. Shadows of things that are not in the registry are not listed.
        """
        things, cursor = page(
            self._iot.list_things, "things", TOKENS, cursor, size=_THINGS_PER_PAGE
        )
        names = [
            f"{thing['thingName']}/{shadow}/{half}"
            for thing in things
            for shadow in ("", *self._shadow_names(thing["thingName"]))
            for half in Half
        ]
        return names, cursor

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the shadow document, None if the shadow does not exist.

        Raises PermanentError if it is not a JSON object.
        """
        answer = if_exists(self._data.get_thing_shadow, **_shadow_parameters(name))
        if answer is None:
            return None
        try:
            shadow = json.loads(answer["payload"].read(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise PermanentError("the shadow is not JSON") from None
        if not isinstance(shadow, dict):
            raise PermanentError("the shadow is not a JSON object")
        return cast("dict[str, Any]", shadow)

    def state(self, name: str, current: dict[str, Any]) -> State | None:
        """Return the state of a half, None if it is missing or empty.

        Raises StateError if JSON cannot represent one of its numbers.
        """
        content = _half(current, _half_of(name))
        state = None if content is None else {"document": content}
        canonical_json(state)
        return state

    def write(self, name: str, current: dict[str, Any] | None, wanted: WantedState) -> None:
        """Update a half to a document.

        An empty document removes the half, and the shadow with its last half.
        """
        self._write(name, current or {}, wanted.mapping("document"))

    def delete(self, name: str, current: dict[str, Any]) -> None:
        """Remove a half, and the shadow with its last half."""
        self._write(name, current, {})

    def _write(self, name: str, current: dict[str, Any], goal: dict[str, Any]) -> None:
        half = _half_of(name)
        existing = _half(current, half) or {}
        if equal_states(existing, goal):
            return
        other = Half.REPORTED if half == Half.DESIRED else Half.DESIRED
        if not goal and _half(current, other) is None:
            if_exists(self._data.delete_thing_shadow, **_shadow_parameters(name))
            return
        update = {
            "state": {half: _merge_patch(existing, goal)},
            "clientToken": f"{TOKEN_PREFIX}{uuid.uuid4().hex}",
        }
        if current:
            # Optimistic locking: the update fails with VersionConflictException if the shadow has
            # changed. docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html
            update["version"] = current["version"]
        self._data.update_thing_shadow(**_shadow_parameters(name), payload=_payload(update))

    def _shadow_names(self, thing: str) -> list[str]:
        names = if_exists(self._all_shadow_names, thingName=thing)
        return sorted(names or ())

    def _all_shadow_names(self, **parameters: str) -> list[str]:
        call = self._data.list_named_shadows_for_thing
        return list(paginated(call, "results", SHADOW_TOKENS, size=_SHADOWS_PER_PAGE, **parameters))


def _shadow_parameters(name: str) -> dict[str, str]:
    """Return the request parameters that name the shadow of a half."""
    thing, shadow, _ = name.split("/")
    return {"thingName": thing, **({"shadowName": shadow} if shadow else {})}


def _half_of(name: str) -> str:
    return name.rpartition("/")[2]


def _half(current: Mapping[str, Any], half: str) -> dict[str, Any] | None:
    """Return the content of a half; None if it is missing or empty."""
    return nested(current, "state", half) or None


def _merge_patch(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the update that turns `current` into `wanted`.

    A shadow update merges objects, removes what is null and replaces arrays:
    docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html
    """
    patch: dict[str, Any] = dict.fromkeys(current.keys() - wanted.keys())
    for name, value in wanted.items():
        existing = current.get(name)
        if isinstance(existing, dict) and isinstance(value, dict):
            inner = _merge_patch(cast("dict[str, Any]", existing), cast("dict[str, Any]", value))
            if inner:
                patch[name] = inner
        elif name not in current or not equal_states({name: existing}, {name: value}):
            patch[name] = value
    return patch


def _payload(update: Mapping[str, Any]) -> bytes:
    # The quota of a shadow document is in bytes, and an escape takes more of them. Only lone
    # surrogates, which UTF-8 cannot encode, are escaped.
    return json.dumps(update, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
