"""Static thing groups; dynamic groups are not replicated, as each region computes their members."""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.registry.access.dependents import require_no_dependents
from functions.registry.access.errors import (
    INVALID_REQUEST,
    PermanentError,
    RetryableError,
    if_exists,
    raising_for,
)
from functions.registry.access.policy_attachments import (
    attach_missing,
    attached_policies,
    detach_surplus,
)
from functions.registry.access.region import TOKENS, Region, nested, page
from functions.registry.access.wanted import WantedState, equal_states
from functions.registry.state import State


class ThingGroups:
    """Reads and writes static thing groups with their policies.

    ListThingGroups does not say which groups are dynamic, so each group is described once, and the
    answer cached for the lifetime of the instance.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self._iot = region.iot
        self._static: dict[str, bool] = {}

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the names of static groups on one page of the list, and the next page's cursor."""
        groups, cursor = page(
            self._iot.list_thing_groups, "thingGroups", TOKENS, cursor, recursive=True
        )
        return self.static(each["groupName"] for each in groups), cursor

    def static(self, names: Iterable[str]) -> list[str]:
        """Return the names of static groups among `names`, sorted."""
        return sorted(name for name in names if self._is_static(name))

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the description of a static or dynamic group, None if it does not exist."""
        current = if_exists(self._iot.describe_thing_group, thingGroupName=name)
        if current is None:
            self._static.pop(name, None)
        else:
            self._static[name] = not _is_dynamic(current)
        return current

    def state(self, name: str, current: dict[str, Any]) -> State | None:
        """Return the replicated state of a static group, None for a dynamic one."""
        if _is_dynamic(current):
            return None
        return {
            **_properties(current),
            "policies": attached_policies(self._region, self._arn(name)),
        }

    def write(self, name: str, current: dict[str, Any] | None, wanted: WantedState) -> None:
        """Create or update a static group.

        Raises PermanentError if the parent differs, which AWS cannot change, or if a dynamic group
        has the name; RetryableError if the parent or a policy does not exist yet.
        """
        if current is not None and _is_dynamic(current):
            raise PermanentError("a dynamic group has this name here")
        policies = wanted.texts("policies")
        goal = {
            "parent": wanted.text_or_none("parent"),
            "description": wanted.text("description"),
            "attributes": wanted.attributes(),
        }
        if current is None:
            self._create(name, goal)
        else:
            self._change(name, current, goal)
        attached = [] if current is None else attached_policies(self._region, self._arn(name))
        detach_surplus(self._region, self._arn(name), attached, policies)
        attach_missing(self._region, self._arn(name), attached, policies)

    def delete(self, name: str, current: dict[str, Any]) -> None:
        """Detach the policies of a static group, then delete it; a dynamic group is left alone.

        Raises RetryableError while things are in it or groups are below it.
        """
        if _is_dynamic(current):
            return
        arn = self._arn(name)
        detach_surplus(self._region, arn, attached_policies(self._region, arn), [])
        require_no_dependents(
            self._iot.list_things_in_thing_group,
            "things",
            TOKENS,
            "still the group of thing",
            thingGroupName=name,
        )
        with raising_for(INVALID_REQUEST, RetryableError("groups are still below it")):
            self._iot.delete_thing_group(thingGroupName=name)
        self._static.pop(name, None)

    def _arn(self, name: str) -> str:
        return self._region.arn(f"thinggroup/{name}")

    def _is_static(self, name: str) -> bool:
        if name not in self._static:
            self.describe(name)
        return self._static.get(name, False)

    def _create(self, name: str, goal: Mapping[str, Any]) -> None:
        parent = goal["parent"]
        # No error but InvalidRequestException fits a missing parent, and it would look permanent:
        # docs.aws.amazon.com/iot/latest/apireference/API_CreateThingGroup.html
        if parent is not None and self.describe(parent) is None:
            raise RetryableError(f"not there yet: thing group {parent}")
        under = {} if parent is None else {"parentGroupName": parent}
        self._iot.create_thing_group(
            thingGroupName=name, thingGroupProperties=_request_properties(goal, merge=None), **under
        )

    def _change(self, name: str, current: dict[str, Any], goal: Mapping[str, Any]) -> None:
        state = _properties(current)
        if state["parent"] != goal["parent"]:
            raise PermanentError(
                f"its parent is {state['parent']} here and {goal['parent']} there, and AWS moves "
                "no group: delete it where it is wrong"
            )
        if not equal_states(state, goal):
            self._iot.update_thing_group(
                thingGroupName=name,
                thingGroupProperties=_request_properties(goal, merge=False),
                expectedVersion=current["version"],
            )


def _is_dynamic(current: Mapping[str, Any]) -> bool:
    return bool(current.get("queryString"))


def _properties(current: Mapping[str, Any]) -> dict[str, Any]:
    attributes = nested(current, "thingGroupProperties", "attributePayload", "attributes")
    return {
        "parent": nested(current, "thingGroupMetadata", "parentGroupName"),
        "description": nested(current, "thingGroupProperties", "thingGroupDescription") or "",
        "attributes": dict(attributes or {}),
    }


def _request_properties(goal: Mapping[str, Any], *, merge: bool | None) -> dict[str, Any]:
    payload = {"attributes": goal["attributes"]} | ({} if merge is None else {"merge": merge})
    return {"thingGroupDescription": goal["description"], "attributePayload": payload}
