"""Things with their type, attributes, static groups and certificates."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from functions.probe.aws_error import code_of
from functions.registry.access.errors import (
    INVALID_REQUEST,
    NOT_FOUND,
    MissingReferences,
    RetryableError,
    if_exists,
    raising_for,
)
from functions.registry.access.region import TOKENS, Region, nested, page, paginated
from functions.registry.access.thing_groups import ThingGroups
from functions.registry.access.wanted import WantedState, equal_states
from functions.registry.state import State

_CERTIFICATE_MARK = ":cert/"
_EXCLUSIVE, _SHARED = "EXCLUSIVE_THING", "NON_EXCLUSIVE_THING"


class Things:
    """Reads and writes things.

    Principals other than certificates, such as Cognito's, are not replicated; `delete` detaches
    them.
    """

    def __init__(self, region: Region, groups: ThingGroups) -> None:
        self._region = region
        self._iot = region.iot
        self._groups = groups

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the names on one page of the list, and the cursor of the next page."""
        things, cursor = page(self._iot.list_things, "things", TOKENS, cursor)
        return [thing["thingName"] for thing in things], cursor

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the description of a thing, None if it does not exist."""
        return if_exists(self._iot.describe_thing, thingName=name)

    def state(self, name: str, current: dict[str, Any]) -> State:
        """Return the replicated state; `exclusive` names certificates that no other thing may have.

        The member is absent if there are none, as in rows written before it was recorded: their
        hashes stay valid.
        """
        attached = self._attached(name)
        exclusive = sorted(each for each, kind in attached.items() if kind == _EXCLUSIVE)
        groups, principals = self._groups_of(name), sorted(attached)
        state = {**_properties(current), "groups": groups, "principals": principals}
        return state | ({"exclusive": exclusive} if exclusive else {})

    def write(self, name: str, current: dict[str, Any] | None, wanted: WantedState) -> None:
        """Create or update a thing.

        Raises RetryableError for missing references: at once for its type; for groups and
        certificates after everything else is done.
        """
        groups, exclusive = wanted.texts("groups"), wanted.texts_if_any("exclusive")
        principals = {
            certificate: _EXCLUSIVE if certificate in exclusive else _SHARED
            for certificate in wanted.texts("principals")
        }
        goal = {"type": wanted.text_or_none("type"), "attributes": wanted.attributes()}
        if current is None:
            self._create(name, goal)
        elif not equal_states(_properties(current), goal):
            self._change(name, current, goal)
        missing = MissingReferences()
        attached = {} if current is None else self._attached(name)
        self._update_principals(name, attached, principals, missing)
        self._update_groups(name, [] if current is None else self._groups_of(name), groups, missing)
        missing.raise_if_any()

    def delete(self, name: str, current: dict[str, Any]) -> None:
        """Detach the principals of a thing and delete it.

        Raises RetryableError until AWS has detached them.
        """
        # DeleteThing refuses a thing that has principals of any kind, also those not replicated.
        for principal in self._principals(name):
            self._iot.detach_thing_principal(thingName=name, principal=principal["principal"])
        with raising_for(
            INVALID_REQUEST, RetryableError("its principals are still being detached")
        ):
            self._iot.delete_thing(thingName=name, expectedVersion=current["version"])

    def _groups_of(self, name: str) -> list[str]:
        groups = paginated(
            self._iot.list_thing_groups_for_thing, "thingGroups", TOKENS, thingName=name
        )
        return self._groups.static(group["groupName"] for group in groups)

    def _principals(self, name: str) -> list[Mapping[str, str]]:
        call = self._iot.list_thing_principals_v2
        return list(paginated(call, "thingPrincipalObjects", TOKENS, thingName=name))

    def _attached(self, name: str) -> dict[str, str]:
        """Return the attachment type of each certificate of a thing, by certificate id."""
        return {
            attachment["principal"].rpartition(_CERTIFICATE_MARK)[2]: attachment.get(
                "thingPrincipalType", _SHARED
            )
            for attachment in self._principals(name)
            if _CERTIFICATE_MARK in attachment["principal"]
        }

    def _create(self, name: str, goal: Mapping[str, Any]) -> None:
        type_change = {} if goal["type"] is None else {"thingTypeName": goal["type"]}
        with self._explaining_type_errors(type_change):
            self._iot.create_thing(
                thingName=name, attributePayload={"attributes": goal["attributes"]}, **type_change
            )

    def _change(self, name: str, current: Mapping[str, Any], goal: Mapping[str, Any]) -> None:
        type_change: dict[str, Any] = {}
        if goal["type"] is None:
            type_change = {"removeThingType": True}
        elif goal["type"] != current.get("thingTypeName"):
            type_change = {"thingTypeName": goal["type"]}
        with self._explaining_type_errors(type_change):
            self._iot.update_thing(
                thingName=name,
                attributePayload={"attributes": goal["attributes"], "merge": False},
                expectedVersion=current["version"],
                **type_change,
            )

    @contextmanager
    def _explaining_type_errors(self, type_change: Mapping[str, Any]) -> Generator[None]:
        """Raise RetryableError if the type that is assigned to a thing is missing or deprecated."""
        name = type_change.get("thingTypeName")
        try:
            yield
        except ClientError as error:
            if name is not None and code_of(error) == NOT_FOUND:
                raise RetryableError(f"not there yet: thing type {name}") from None
            if name is not None and code_of(error) == INVALID_REQUEST and self._is_deprecated(name):
                raise RetryableError(
                    f"its type {name} is deprecated: undo that until its things are everywhere"
                ) from None
            raise

    def _is_deprecated(self, name: str) -> bool:
        current = if_exists(self._iot.describe_thing_type, thingTypeName=name)
        return bool(nested(current, "thingTypeMetadata", "deprecated"))

    def _update_principals(
        self,
        name: str,
        current: Mapping[str, str],
        wanted: Mapping[str, str],
        missing: MissingReferences,
    ) -> None:
        for certificate in sorted(current.keys() - wanted.keys()):
            self._detach(name, certificate)
        for certificate, attachment_type in sorted(wanted.items() - current.items()):
            change = self._change_type if certificate in current else self._attach
            with missing.collect(f"certificate {certificate}"):
                change(name, certificate, attachment_type)

    def _detach(self, name: str, certificate: str) -> None:
        arn = self._region.arn(f"cert/{certificate}")
        self._iot.detach_thing_principal(thingName=name, principal=arn)

    def _change_type(self, name: str, certificate: str, attachment_type: str) -> None:
        """Detach a certificate and attach it again: AWS documents no call that changes the type.

        Raises RetryableError, with the certificate still attached, while another thing has it and
        an exclusive attachment would be refused. Detaching is asynchronous:
        docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html
        """
        other = self._other_thing(name, certificate) if attachment_type == _EXCLUSIVE else None
        if other is not None:
            raise _attached_elsewhere(certificate, other)
        self._detach(name, certificate)
        with raising_for(
            INVALID_REQUEST, RetryableError(f"certificate {certificate} is still being detached")
        ):
            self._attach(name, certificate, attachment_type)

    def _attach(self, name: str, certificate: str, attachment_type: str) -> None:
        """Attach a certificate.

        Raises RetryableError while an exclusive attachment to another thing forbids it:
        docs.aws.amazon.com/iot/latest/developerguide/exclusive-thing.html
        """
        arn = self._region.arn(f"cert/{certificate}")
        try:
            self._iot.attach_thing_principal(
                thingName=name, principal=arn, thingPrincipalType=attachment_type
            )
        except ClientError as error:
            other = (
                self._other_thing(name, certificate) if code_of(error) == INVALID_REQUEST else None
            )
            if other is not None and _EXCLUSIVE in (
                attachment_type,
                self._attached(other).get(certificate),
            ):
                raise _attached_elsewhere(certificate, other) from None
            raise

    def _other_thing(self, name: str, certificate: str) -> str | None:
        """Return a thing other than `name` that has a certificate attached, else None."""
        arn = self._region.arn(f"cert/{certificate}")
        things = paginated(self._iot.list_principal_things, "things", TOKENS, size=2, principal=arn)
        return next((thing for thing in things if thing != name), None)

    def _update_groups(
        self, name: str, current: list[str], wanted: list[str], missing: MissingReferences
    ) -> None:
        # Removals first: a thing can be in at most ten groups.
        # docs.aws.amazon.com/general/latest/gr/iot-core.html (thing group quotas)
        for group in sorted(set(current) - set(wanted)):
            self._iot.remove_thing_from_thing_group(thingName=name, thingGroupName=group)
        for group in sorted(set(wanted) - set(current)):
            with missing.collect(f"thing group {group}"):
                self._iot.add_thing_to_thing_group(thingName=name, thingGroupName=group)


def _attached_elsewhere(certificate: str, thing: str) -> RetryableError:
    return RetryableError(
        f"certificate {certificate} is that of thing {thing}, which has to change first"
    )


def _properties(current: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": current.get("thingTypeName"),
        "attributes": dict(current.get("attributes") or {}),
    }
