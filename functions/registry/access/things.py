"""Things with their type, attributes, static groups and certificates."""

from collections.abc import Generator, Mapping
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
_EXCLUSIVE, _SHARED = "EXCLUSIVE_THING", "NON_EXCLUSIVE_THING"


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
        """Return the state of a thing; `exclusive` names certificates that no other thing may have.

        A thing without such has no `exclusive`, as in rows from before it was recorded: their
        hashes stay valid.
        """
        attached = self._attached(name)
        exclusive = sorted(each for each, sort in attached.items() if sort == _EXCLUSIVE)
        groups, principals = self._groups_of(name), sorted(attached)
        state = {**_record(held), "groups": groups, "principals": principals}
        return state | ({"exclusive": exclusive} if exclusive else {})

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Make or change a thing; uses all that is there before it raises NotYet for the rest."""
        groups, exclusive = wanted.texts("groups"), wanted.texts_if_any("exclusive")
        principals = {
            certificate: _EXCLUSIVE if certificate in exclusive else _SHARED
            for certificate in wanted.texts("principals")
        }
        goal = {"type": wanted.text_or_none("type"), "attributes": wanted.attributes()}
        if held is None:
            self._create(name, goal)
        elif not same(_record(held), goal):
            self._change(name, held, goal)
        needs = Needs()
        has = {} if held is None else self._attached(name)
        self._bring_principals(name, has, principals, needs)
        self._bring_groups(name, [] if held is None else self._groups_of(name), groups, needs)
        needs.settle()

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Delete a thing; raises NotYet while AWS still detaches its principals."""
        # No principal may be left, of whatever sort.
        for principal in self._principals(name):
            self._iot.detach_thing_principal(thingName=name, principal=principal["principal"])
        with refusal(INVALID, NotYet("its principals are still being detached")):
            self._iot.delete_thing(thingName=name, expectedVersion=held["version"])

    def _groups_of(self, name: str) -> list[str]:
        groups = every(self._iot.list_thing_groups_for_thing, "thingGroups", TOKENS, thingName=name)
        return self._groups.static(group["groupName"] for group in groups)

    def _principals(self, name: str) -> list[Mapping[str, str]]:
        call = self._iot.list_thing_principals_v2
        return list(every(call, "thingPrincipalObjects", TOKENS, thingName=name))

    def _attached(self, name: str) -> dict[str, str]:
        """Return the types of attachment of the certificates of a thing, by their ids."""
        return {
            each["principal"].rpartition(_CERTIFICATE)[2]: each.get("thingPrincipalType", _SHARED)
            for each in self._principals(name)
            if _CERTIFICATE in each["principal"]
        }

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
        self, name: str, held: Mapping[str, str], wanted: Mapping[str, str], needs: Needs
    ) -> None:
        for certificate in sorted(held.keys() - wanted.keys()):
            self._detach(name, certificate)
        for certificate, sort in sorted(wanted.items() - held.items()):
            change = self._change_type if certificate in held else self._attach
            with needs.need(f"certificate {certificate}"):
                change(name, certificate, sort)

    def _detach(self, name: str, certificate: str) -> None:
        arn = self._region.arn(f"cert/{certificate}")
        self._iot.detach_thing_principal(thingName=name, principal=arn)

    def _change_type(self, name: str, certificate: str, sort: str) -> None:
        """Detach a certificate and attach it again: AWS documents no call that changes a type.

        Raises NotYet, with the certificate still attached, while another thing has it and an
        exclusive attachment would be refused. A detachment takes effect asynchronously:
        docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html
        """
        other = self._other_thing(name, certificate) if sort == _EXCLUSIVE else None
        if other is not None:
            raise _taken(certificate, other)
        self._detach(name, certificate)
        with refusal(INVALID, NotYet(f"certificate {certificate} is still being detached")):
            self._attach(name, certificate, sort)

    def _attach(self, name: str, certificate: str, sort: str) -> None:
        """Attach a certificate; raises NotYet while an exclusive attachment elsewhere forbids it.

        docs.aws.amazon.com/iot/latest/developerguide/exclusive-thing.html
        """
        arn = self._region.arn(f"cert/{certificate}")
        try:
            self._iot.attach_thing_principal(thingName=name, principal=arn, thingPrincipalType=sort)
        except ClientError as error:
            other = self._other_thing(name, certificate) if code_of(error) == INVALID else None
            if other is not None and _EXCLUSIVE in (sort, self._attached(other).get(certificate)):
                raise _taken(certificate, other) from None
            raise

    def _other_thing(self, name: str, certificate: str) -> str | None:
        """Return a thing other than `name` to which a certificate is attached."""
        arn = self._region.arn(f"cert/{certificate}")
        things = every(self._iot.list_principal_things, "things", TOKENS, size=2, principal=arn)
        return next((thing for thing in things if thing != name), None)

    def _bring_groups(self, name: str, held: list[str], wanted: list[str], needs: Needs) -> None:
        # Those that shall not be go first: a thing is in ten groups at the most.
        for group in sorted(set(held) - set(wanted)):
            self._iot.remove_thing_from_thing_group(thingName=name, thingGroupName=group)
        for group in sorted(set(wanted) - set(held)):
            with needs.need(f"thing group {group}"):
                self._iot.add_thing_to_thing_group(thingName=name, thingGroupName=group)


def _taken(certificate: str, thing: str) -> NotYet:
    return NotYet(f"certificate {certificate} is that of thing {thing}, which has to change first")


def _record(held: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": held.get("thingTypeName"), "attributes": dict(held.get("attributes") or {})}
