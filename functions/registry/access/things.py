"""Things with their type, attributes, static groups and certificates."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from functions.probe.aws_error import code_of
from functions.registry.access.errors import INVALID, MISSING, Needs, NotYet, found, refusal
from functions.registry.access.region import TOKENS, Region, every, inside, page
from functions.registry.access.thing_groups import ThingGroups
from functions.registry.access.wanted import Wanted, same
from functions.registry.state import State

_CERTIFICATE = ":cert/"


class Things:
    """Reads and writes things; principals that are no certificates, such as Cognito's, are left."""

    def __init__(self, region: Region, groups: ThingGroups) -> None:
        self._region = region
        self._iot = region.iot
        self._groups = groups

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give the names of a page, and the cursor of the next one."""
        things, cursor = page(self._iot.list_things, "things", TOKENS, cursor)
        return [each["thingName"] for each in things], cursor

    def held(self, name: str) -> dict[str, Any] | None:
        """Give AWS's description of a thing."""
        return found(self._iot.describe_thing, thingName=name)

    def state(self, name: str, held: dict[str, Any]) -> State:
        """Give the state of a thing."""
        principals = sorted(_certificates(self._principals(name)))
        return {**_record(held), "groups": self._groups_of(name), "principals": principals}

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Make or change a thing; uses all that is there before it raises NotYet for the rest."""
        groups, principals = wanted.texts("groups"), wanted.texts("principals")
        goal = {"type": wanted.text_or_none("type"), "attributes": wanted.attributes()}
        if held is None:
            self._create(name, goal)
        elif not same(_record(held), goal):
            self._change(name, held, goal)
        needs = Needs()
        has = {} if held is None else _certificates(self._principals(name))
        self._bring_principals(name, has, principals, needs)
        self._bring_groups(name, [] if held is None else self._groups_of(name), groups, needs)
        needs.settle()

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Delete a thing; raises NotYet while AWS still detaches its principals."""
        # No principal may be left, of whatever sort.
        for principal in self._principals(name):
            self._iot.detach_thing_principal(thingName=name, principal=principal)
        with refusal(INVALID, NotYet("its principals are still being detached")):
            self._iot.delete_thing(thingName=name, expectedVersion=held["version"])

    def _groups_of(self, name: str) -> list[str]:
        groups = every(self._iot.list_thing_groups_for_thing, "thingGroups", TOKENS, thingName=name)
        return self._groups.static(group["groupName"] for group in groups)

    def _principals(self, name: str) -> list[str]:
        return list(every(self._iot.list_thing_principals, "principals", TOKENS, thingName=name))

    def _create(self, name: str, goal: Mapping[str, Any]) -> None:
        typed = {} if goal["type"] is None else {"thingTypeName": goal["type"]}
        with self._explained(typed):
            self._iot.create_thing(
                thingName=name, attributePayload={"attributes": goal["attributes"]}, **typed
            )

    def _change(self, name: str, held: Mapping[str, Any], goal: Mapping[str, Any]) -> None:
        typed: dict[str, Any] = {}
        if goal["type"] is None:
            typed = {"removeThingType": True}
        elif goal["type"] != held.get("thingTypeName"):
            typed = {"thingTypeName": goal["type"]}
        with self._explained(typed):
            self._iot.update_thing(
                thingName=name,
                attributePayload={"attributes": goal["attributes"], "merge": False},
                expectedVersion=held["version"],
                **typed,
            )

    @contextmanager
    def _explained(self, typed: Mapping[str, Any]) -> Generator[None]:
        """Raise NotYet where the type that a thing is given is missing or deprecated."""
        name = typed.get("thingTypeName")
        try:
            yield
        except ClientError as error:
            if name is not None and code_of(error) == MISSING:
                raise NotYet(f"not there yet: thing type {name}") from None
            if name is not None and code_of(error) == INVALID and self._is_deprecated(name):
                raise NotYet(
                    f"its type {name} is deprecated: undo that until its things are everywhere"
                ) from None
            raise

    def _is_deprecated(self, name: str) -> bool:
        held = found(self._iot.describe_thing_type, thingTypeName=name)
        return bool(inside(held, "thingTypeMetadata", "deprecated"))

    def _bring_principals(
        self, name: str, held: dict[str, str], wanted: list[str], needs: Needs
    ) -> None:
        for certificate in sorted(held.keys() - set(wanted)):
            self._iot.detach_thing_principal(thingName=name, principal=held[certificate])
        for certificate in sorted(set(wanted) - held.keys()):
            arn = self._region.arn(f"cert/{certificate}")
            with needs.need(f"certificate {certificate}"):
                self._iot.attach_thing_principal(thingName=name, principal=arn)

    def _bring_groups(self, name: str, held: list[str], wanted: list[str], needs: Needs) -> None:
        # Those that shall not be go first: a thing is in ten groups at the most.
        for group in sorted(set(held) - set(wanted)):
            self._iot.remove_thing_from_thing_group(thingName=name, thingGroupName=group)
        for group in sorted(set(wanted) - set(held)):
            with needs.need(f"thing group {group}"):
                self._iot.add_thing_to_thing_group(thingName=name, thingGroupName=group)


def _record(held: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": held.get("thingTypeName"), "attributes": dict(held.get("attributes") or {})}


def _certificates(principals: Iterable[str]) -> dict[str, str]:
    """Give the ARNs of those principals that are certificates, by id."""
    return {
        principal.rpartition(_CERTIFICATE)[2]: principal
        for principal in principals
        if _CERTIFICATE in principal
    }
