"""Thing types."""

from typing import Any

from functions.registry.access.errors import INVALID_REQUEST, RetryableError, if_exists, raising_for
from functions.registry.access.region import TOKENS, Region, nested, page
from functions.registry.access.wanted import WantedState, equal_states
from functions.registry.state import State


class ThingTypes:
    """Reads and writes thing types; their MQTT 5 configuration is not replicated."""

    def __init__(self, region: Region) -> None:
        self._iot = region.iot

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the names on one page of the list, and the cursor of the next page."""
        types, cursor = page(self._iot.list_thing_types, "thingTypes", TOKENS, cursor)
        return [thing_type["thingTypeName"] for thing_type in types], cursor

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the description of a thing type, None if it does not exist."""
        return if_exists(self._iot.describe_thing_type, thingTypeName=name)

    def state(self, _name: str, current: dict[str, Any]) -> State:
        """Return the replicated state of a thing type."""
        return _state(current)

    def write(self, name: str, current: dict[str, Any] | None, wanted: WantedState) -> None:
        """Create or update a thing type; raises ClientError if AWS refuses the update."""
        goal = {
            "description": wanted.text("description"),
            "searchable": wanted.texts("searchable"),
            "deprecated": wanted.flag("deprecated"),
        }
        if current is None:
            self._create(name, goal)
        else:
            self._change(name, current, goal)

    def delete(self, name: str, current: dict[str, Any]) -> None:
        """Deprecate a thing type, or delete it if it is deprecated.

        Raises RetryableError until it is deleted: AWS deletes a type no sooner than five minutes
        after its deprecation, and only without things.
        docs.aws.amazon.com/iot/latest/developerguide/thing-types.html
        """
        if not _state(current)["deprecated"]:
            self._deprecate(name, undo=False)
            raise RetryableError("deprecated; AWS deletes a type five minutes after that")
        early = RetryableError(
            "AWS deletes a type five minutes after its deprecation, and without things"
        )
        with raising_for(INVALID_REQUEST, early):
            self._iot.delete_thing_type(thingTypeName=name)

    def _create(self, name: str, goal: State) -> None:
        self._iot.create_thing_type(thingTypeName=name, thingTypeProperties=_properties(goal))
        if goal["deprecated"]:
            self._deprecate(name, undo=False)

    def _change(self, name: str, current: dict[str, Any], goal: State) -> None:
        state = _state(current)
        if not equal_states({**state, "deprecated": goal["deprecated"]}, goal):
            # UpdateThingType replaces the properties as a whole: an omitted one might be removed.
            # docs.aws.amazon.com/iot/latest/apireference/API_UpdateThingType.html
            mqtt5 = nested(current, "thingTypeProperties", "mqtt5Configuration")
            kept = {"mqtt5Configuration": mqtt5} if mqtt5 else {}
            self._iot.update_thing_type(
                thingTypeName=name, thingTypeProperties={**kept, **_properties(goal)}
            )
        if state["deprecated"] != goal["deprecated"]:
            self._deprecate(name, undo=not goal["deprecated"])

    def _deprecate(self, name: str, *, undo: bool) -> None:
        self._iot.deprecate_thing_type(thingTypeName=name, undoDeprecate=undo)


def _state(current: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": nested(current, "thingTypeProperties", "thingTypeDescription") or "",
        "searchable": sorted(nested(current, "thingTypeProperties", "searchableAttributes") or ()),
        "deprecated": bool(nested(current, "thingTypeMetadata", "deprecated")),
    }


def _properties(goal: State) -> dict[str, Any]:
    return {
        "thingTypeDescription": goal["description"],
        "searchableAttributes": goal["searchable"],
    }
