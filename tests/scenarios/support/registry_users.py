"""Changes by users and devices in a region of a fleet."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.functions.registry.aws import ACCOUNT
from tests.functions.registry.devices import Register, policy_document
from tests.functions.registry.pair import Side

SHARED: Final = 3
"""How many types, groups and policies all devices share."""

_STATUSES: Final = ("ACTIVE", "INACTIVE", "REVOKED")
_MOST_VERSIONS: Final = 5


@dataclass(frozen=True)
class Users:
    """A user in a region; certificates are identified by the numbers of their devices."""

    side: Side
    certificates: Sequence[str]

    @property
    def iot(self) -> Any:
        return self.side.iot

    @property
    def region(self) -> str:
        return self.side.aws.region

    def arn(self, resource: str) -> str:
        return f"arn:aws:iot:{self.region}:{ACCOUNT}:{resource}"

    def certificate(self, device: int) -> str:
        return self.arn(f"cert/{self.certificates[device]}")

    def shadow(self, device: int, half: str, content: Any, **named: str) -> None:
        payload = json.dumps({"state": {half: content}})
        self.side.aws.shadows.update_thing_shadow(thingName=thing(device), payload=payload, **named)


Action = Callable[[Users, int, int], None]
"""An action on a device; the second number selects the variant."""


def thing(device: int) -> str:
    """Return the name of a device's thing."""
    return f"sensor-{device}"


def share(users: Users) -> None:
    """Create the entities that all devices share."""
    for number in range(SHARED):
        users.iot.create_thing_type(thingTypeName=f"type-{number}")
        under = {"parentGroupName": "group-0"} if number else {}
        users.iot.create_thing_group(thingGroupName=f"group-{number}", **under)
        document = policy_document(users.region, f"client-{number}")
        users.iot.create_policy(policyName=f"policy-{number}", policyDocument=document)


def furnish(users: Users, register: Register, device: int) -> str:
    """Create a device with all its entities; returns its certificate's id."""
    identity, arn = register(thing(device))
    users.iot.create_thing(thingName=thing(device), thingTypeName=f"type-{device % SHARED}")
    users.iot.attach_thing_principal(thingName=thing(device), principal=arn)
    users.iot.attach_policy(policyName=f"policy-{device % SHARED}", target=arn)
    _join(users, device, device)
    _desired(users, device, device)
    return identity


def _attributes(users: Users, device: int, value: int) -> None:
    users.iot.update_thing(
        thingName=thing(device), attributePayload={"attributes": {"value": str(value)}}
    )


def _type(users: Users, device: int, value: int) -> None:
    users.iot.update_thing(thingName=thing(device), thingTypeName=f"type-{value % SHARED}")


def _join(users: Users, device: int, value: int) -> None:
    group = f"group-{value % SHARED}"
    users.iot.add_thing_to_thing_group(thingName=thing(device), thingGroupName=group)


def _leave(users: Users, device: int, value: int) -> None:
    group = f"group-{value % SHARED}"
    users.iot.remove_thing_from_thing_group(thingName=thing(device), thingGroupName=group)


def _bind(users: Users, device: int, value: int) -> None:
    call = users.iot.attach_thing_principal if value % 2 else users.iot.detach_thing_principal
    call(thingName=thing(device), principal=users.certificate(device))


def _desired(users: Users, device: int, value: int) -> None:
    users.shadow(device, "desired", {"on": value % 2 == 0, f"at-{value % SHARED}": value})


def _reported(users: Users, device: int, value: int) -> None:
    users.shadow(device, "reported", {"on": value % 2 == 0, "seen": [value]})


def _named(users: Users, device: int, value: int) -> None:
    users.shadow(device, "desired", {"value": value}, shadowName="config")


def _forget(users: Users, device: int, _value: int) -> None:
    users.side.aws.shadows.delete_thing_shadow(thingName=thing(device))


def _status(users: Users, device: int, value: int) -> None:
    status, identity = _STATUSES[value % len(_STATUSES)], users.certificates[device]
    users.iot.update_certificate(certificateId=identity, newStatus=status)


def _grant(users: Users, device: int, value: int) -> None:
    users.iot.attach_policy(policyName=f"policy-{value % SHARED}", target=users.certificate(device))


def _withdraw(users: Users, device: int, value: int) -> None:
    users.iot.detach_policy(policyName=f"policy-{value % SHARED}", target=users.certificate(device))


def _allow(users: Users, device: int, value: int) -> None:
    call = users.iot.attach_policy if value % 2 else users.iot.detach_policy
    group = users.arn(f"thinggroup/group-{device % SHARED}")
    call(policyName=f"policy-{value % SHARED}", target=group)


def _describe(users: Users, device: int, value: int) -> None:
    users.iot.update_thing_group(
        thingGroupName=f"group-{value % SHARED}",
        thingGroupProperties={
            "thingGroupDescription": f"{device}",
            "attributePayload": {"attributes": {"value": str(value)}},
        },
    )


def _version(users: Users, device: int, value: int) -> None:
    name, document = f"policy-{value % SHARED}", policy_document(users.region, thing(device))
    versions = users.iot.list_policy_versions(policyName=name)["policyVersions"]
    if len(versions) >= _MOST_VERSIONS:
        old = next(each["versionId"] for each in versions if not each["isDefaultVersion"])
        users.iot.delete_policy_version(policyName=name, policyVersionId=old)
    users.iot.create_policy_version(
        policyName=name, policyDocument=document, setAsDefault=value % 2 == 0
    )


def _new(users: Users, device: int, value: int) -> None:
    attributes = {"attributes": {"value": str(value)}}
    users.iot.create_thing(thingName=f"new-{device}", attributePayload=attributes)


IN_BOTH: Final[Mapping[str, Action]] = {
    "allow": _allow, "attributes": _attributes, "bind": _bind, "describe": _describe,
    "desired": _desired, "forget": _forget, "grant": _grant, "join": _join, "leave": _leave,
    "named": _named, "new": _new, "reported": _reported, "status": _status, "type": _type,
    "version": _version, "withdraw": _withdraw,
}  # fmt: skip
"""Actions on one device in both regions at once."""
