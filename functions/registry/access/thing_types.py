"""Thing types."""

from typing import Any

from functions.registry.access.errors import INVALID, NotYet, found, refusal
from functions.registry.access.region import TOKENS, Region, inside, page
from functions.registry.access.wanted import Wanted, same
from functions.registry.state import State


class ThingTypes:
    """Reads and writes thing types; their MQTT 5 properties stay as they are in each region."""

    def __init__(self, region: Region) -> None:
        self._iot = region.iot

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give the names of a page, and the cursor of the next one."""
        types, cursor = page(self._iot.list_thing_types, "thingTypes", TOKENS, cursor)
        return [each["thingTypeName"] for each in types], cursor

    def held(self, name: str) -> dict[str, Any] | None:
        """Give AWS's description of a type."""
        return found(self._iot.describe_thing_type, thingTypeName=name)

    def state(self, _name: str, held: dict[str, Any]) -> State:
        """Give the state of a type."""
        return _state(held)

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Make or change a type; raises AWS's refusal where it keeps types as they are."""
        goal = {
            "description": wanted.text("description"),
            "searchable": wanted.texts("searchable"),
            "deprecated": wanted.flag("deprecated"),
        }
        if held is None:
            self._create(name, goal)
        else:
            self._change(name, held, goal)

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Deprecate a type, or delete it when it is; raises NotYet until AWS allows that."""
        if not _state(held)["deprecated"]:
            self._deprecate(name, undo=False)
            raise NotYet("deprecated; AWS deletes a type five minutes after that")
        early = NotYet("AWS deletes a type five minutes after its deprecation, and without things")
        with refusal(INVALID, early):
            self._iot.delete_thing_type(thingTypeName=name)

    def _create(self, name: str, goal: State) -> None:
        self._iot.create_thing_type(thingTypeName=name, thingTypeProperties=_properties(goal))
        if goal["deprecated"]:
            self._deprecate(name, undo=False)

    def _change(self, name: str, held: dict[str, Any], goal: State) -> None:
        state = _state(held)
        if not same({**state, "deprecated": goal["deprecated"]}, goal):
            # UpdateThingType takes the properties as a whole: what is not given might go.
            mqtt5 = inside(held, "thingTypeProperties", "mqtt5Configuration")
            kept = {"mqtt5Configuration": mqtt5} if mqtt5 else {}
            self._iot.update_thing_type(
                thingTypeName=name, thingTypeProperties={**kept, **_properties(goal)}
            )
        if state["deprecated"] != goal["deprecated"]:
            self._deprecate(name, undo=not goal["deprecated"])

    def _deprecate(self, name: str, *, undo: bool) -> None:
        self._iot.deprecate_thing_type(thingTypeName=name, undoDeprecate=undo)


def _state(held: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": inside(held, "thingTypeProperties", "thingTypeDescription") or "",
        "searchable": sorted(inside(held, "thingTypeProperties", "searchableAttributes") or ()),
        "deprecated": bool(inside(held, "thingTypeMetadata", "deprecated")),
    }


def _properties(goal: State) -> dict[str, Any]:
    return {
        "thingTypeDescription": goal["description"],
        "searchableAttributes": goal["searchable"],
    }
