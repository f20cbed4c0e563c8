"""Thing groups that are made by hand; the members of dynamic ones each region finds by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.registry.access.attached import attach_missing, attached, detach_surplus
from functions.registry.access.dependents import refuse_while_needed
from functions.registry.access.errors import INVALID, Never, NotYet, found, refusal
from functions.registry.access.region import TOKENS, Region, inside, page
from functions.registry.access.wanted import Wanted, same
from functions.registry.state import State


class ThingGroups:
    """Reads and writes static thing groups with their policies.

    No list tells dynamic groups from static ones: each group is described once, and remembered
    for as long as this object lives.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self._iot = region.iot
        self._static: dict[str, bool] = {}

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give the names of a page's static groups, and the cursor of the next page."""
        groups, cursor = page(
            self._iot.list_thing_groups, "thingGroups", TOKENS, cursor, recursive=True
        )
        return self.static(each["groupName"] for each in groups), cursor

    def static(self, names: Iterable[str]) -> list[str]:
        """Give those names that are of static groups, sorted."""
        return sorted(name for name in names if self._is_static(name))

    def held(self, name: str) -> dict[str, Any] | None:
        """Give AWS's description of a group of either sort."""
        held = found(self._iot.describe_thing_group, thingGroupName=name)
        if held is None:
            self._static.pop(name, None)
        else:
            self._static[name] = not _is_dynamic(held)
        return held

    def state(self, name: str, held: dict[str, Any]) -> State | None:
        """Give the state of a static group."""
        if _is_dynamic(held):
            return None
        return {**_properties(held), "policies": attached(self._region, self._arn(name))}

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Make or change a static group; raises Never for another parent or a dynamic group."""
        if held is not None and _is_dynamic(held):
            raise Never("a dynamic group has this name here")
        policies = wanted.texts("policies")
        goal = {
            "parent": wanted.text_or_none("parent"),
            "description": wanted.text("description"),
            "attributes": wanted.attributes(),
        }
        if held is None:
            self._create(name, goal)
        else:
            self._change(name, held, goal)
        has = [] if held is None else attached(self._region, self._arn(name))
        detach_surplus(self._region, self._arn(name), has, policies)
        attach_missing(self._region, self._arn(name), has, policies)

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Take a static group's rights away, then delete it.

        Raises NotYet while things are in it or groups are below it.
        """
        if _is_dynamic(held):
            return
        arn = self._arn(name)
        detach_surplus(self._region, arn, attached(self._region, arn), [])
        refuse_while_needed(
            self._iot.list_things_in_thing_group,
            "things",
            TOKENS,
            "still the group of thing",
            thingGroupName=name,
        )
        with refusal(INVALID, NotYet("groups are still below it")):
            self._iot.delete_thing_group(thingGroupName=name)
        self._static.pop(name, None)

    def _arn(self, name: str) -> str:
        return self._region.arn(f"thinggroup/{name}")

    def _is_static(self, name: str) -> bool:
        if name not in self._static:
            self.held(name)
        return self._static.get(name, False)

    def _create(self, name: str, goal: Mapping[str, Any]) -> None:
        parent = goal["parent"]
        # AWS would say of a missing parent only that the request is invalid.
        if parent is not None and self.held(parent) is None:
            raise NotYet(f"not there yet: thing group {parent}")
        under = {} if parent is None else {"parentGroupName": parent}
        self._iot.create_thing_group(
            thingGroupName=name, thingGroupProperties=_given(goal, merge=None), **under
        )

    def _change(self, name: str, held: dict[str, Any], goal: Mapping[str, Any]) -> None:
        state = _properties(held)
        if state["parent"] != goal["parent"]:
            raise Never(
                f"its parent is {state['parent']} here and {goal['parent']} there, and AWS moves "
                "no group: delete it where it is wrong"
            )
        if not same(state, goal):
            self._iot.update_thing_group(
                thingGroupName=name,
                thingGroupProperties=_given(goal, merge=False),
                expectedVersion=held["version"],
            )


def _is_dynamic(held: Mapping[str, Any]) -> bool:
    return bool(held.get("queryString"))


def _properties(held: Mapping[str, Any]) -> dict[str, Any]:
    attributes = inside(held, "thingGroupProperties", "attributePayload", "attributes")
    return {
        "parent": inside(held, "thingGroupMetadata", "parentGroupName"),
        "description": inside(held, "thingGroupProperties", "thingGroupDescription") or "",
        "attributes": dict(attributes or {}),
    }


def _given(goal: Mapping[str, Any], *, merge: bool | None) -> dict[str, Any]:
    payload = {"attributes": goal["attributes"]} | ({} if merge is None else {"merge": merge})
    return {"thingGroupDescription": goal["description"], "attributePayload": payload}
