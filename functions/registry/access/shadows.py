"""Halves of shadows: each goes over by itself, as the other half may have changed elsewhere."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from functions.registry.access.errors import Never, found
from functions.registry.access.region import SHADOW_TOKENS, TOKENS, Region, every, inside, page
from functions.registry.access.wanted import Wanted, same
from functions.registry.entity import Half
from functions.registry.state import State, text_of

# Each thing of a page costs a call for the names of its shadows.
_THINGS = 50
# The most that ListNamedShadowsForThing gives at once.
_SHADOWS = 100
TOKEN_PREFIX = "iot-dr-"  # noqa: S105 - no secret, it marks our own updates
"""What the client tokens of our updates begin with, so that rules can tell them."""


class Shadows:
    """Reads and writes halves of shadows, whether or not the registry has their thing.

    AWS ties no shadow to the registry, and a device that is in none has one all the same.
    """

    def __init__(self, region: Region) -> None:
        self._iot = region.iot
        self._data = region.iot_data

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give both halves of all shadows of a page's things, and the cursor of the next page.

        No shadow is read for it: halves that are empty, and a classic shadow that is not there,
        are among them and read as None. Shadows whose thing is not in the registry are not listed.
        """
        things, cursor = page(self._iot.list_things, "things", TOKENS, cursor, size=_THINGS)
        names = [
            f"{thing['thingName']}/{shadow}/{half}"
            for thing in things
            for shadow in ("", *self._named(thing["thingName"]))
            for half in Half
        ]
        return names, cursor

    def held(self, name: str) -> dict[str, Any] | None:
        """Give the whole shadow; raises Never when it is no JSON."""
        answer = found(self._data.get_thing_shadow, **_place(name))
        if answer is None:
            return None
        try:
            shadow = json.loads(answer["payload"].read(), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise Never("what is there is no JSON") from None
        if not isinstance(shadow, dict):
            raise Never("what is there is no JSON object")
        return cast("dict[str, Any]", shadow)

    def state(self, name: str, held: dict[str, Any]) -> State | None:
        """Give the state of a half; raises StateError when its numbers have no place in JSON."""
        content = _half(held, _half_of(name))
        state = None if content is None else {"document": content}
        text_of(state)
        return state

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Bring a half to a document; an empty one is none."""
        self._bring(name, held or {}, wanted.mapping("document"))

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Remove a half, and with the last one the shadow."""
        self._bring(name, held, {})

    def _bring(self, name: str, held: dict[str, Any], goal: dict[str, Any]) -> None:
        half = _half_of(name)
        has = _half(held, half) or {}
        if same(has, goal):
            return
        other = Half.REPORTED if half == Half.DESIRED else Half.DESIRED
        if not goal and _half(held, other) is None:
            found(self._data.delete_thing_shadow, **_place(name))
            return
        update = {
            "state": {half: _patch(has, goal)},
            "clientToken": f"{TOKEN_PREFIX}{uuid.uuid4().hex}",
        }
        if held:
            update["version"] = held["version"]
        self._data.update_thing_shadow(**_place(name), payload=_payload(update))

    def _named(self, thing: str) -> list[str]:
        listed = found(self._list, thingName=thing)
        return sorted(listed or ())

    def _list(self, **given: str) -> list[str]:
        call = self._data.list_named_shadows_for_thing
        return list(every(call, "results", SHADOW_TOKENS, size=_SHADOWS, **given))


def _place(name: str) -> dict[str, str]:
    """Give the parameters that name the shadow of a half."""
    thing, shadow, _ = name.split("/")
    return {"thingName": thing, **({"shadowName": shadow} if shadow else {})}


def _half_of(name: str) -> str:
    return name.rpartition("/")[2]


def _half(held: Mapping[str, Any], half: str) -> dict[str, Any] | None:
    """Give the content of a half; None where there is none or it is empty."""
    return inside(held, "state", half) or None


def _patch(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Give the update that makes one the other: what is to go is null, lists are whole."""
    patch: dict[str, Any] = dict.fromkeys(held.keys() - wanted.keys())
    for name, value in wanted.items():
        has = held.get(name)
        if isinstance(has, dict) and isinstance(value, dict):
            inner = _patch(cast("dict[str, Any]", has), cast("dict[str, Any]", value))
            if inner:
                patch[name] = inner
        elif name not in held or not same({name: has}, {name: value}):
            patch[name] = value
    return patch


def _payload(update: Mapping[str, Any]) -> bytes:
    # AWS counts bytes, so no escapes but for halves of surrogates, which UTF-8 does not have.
    return json.dumps(update, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
