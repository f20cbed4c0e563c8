"""Deletions in a region of entities that only this region changes."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from botocore.exceptions import ClientError

from tests.functions.registry.devices import policy_document
from tests.scenarios.support.registry_users import Action, Users, thing


def _rotate(users: Users, device: int, value: int) -> None:
    """Attach another policy to a device, and delete its former one."""
    target, new = users.certificate(device), f"{_own(users, device)}{value}"
    result = _attached(users, target)
    if new in result:
        return
    document = policy_document(users.region, thing(device))
    users.iot.create_policy(policyName=new, policyDocument=document)
    users.iot.attach_policy(policyName=new, target=target)
    for old in _older(users, device, result):
        users.iot.detach_policy(policyName=old, target=target)
        users.iot.delete_policy(policyName=old)


def _move(users: Users, device: int, value: int) -> None:
    """Move a device into another group, and delete its former one."""
    name, new = thing(device), f"{_own(users, device)}{value}"
    groups = users.iot.list_thing_groups_for_thing(thingName=name)["thingGroups"]
    results = [group["groupName"] for group in groups]
    if new in results:
        return
    users.iot.create_thing_group(thingGroupName=new)
    users.iot.add_thing_to_thing_group(thingName=name, thingGroupName=new)
    for old in _older(users, device, results):
        users.iot.remove_thing_from_thing_group(thingName=name, thingGroupName=old)
        users.iot.delete_thing_group(thingGroupName=old)


def _model(users: Users, device: int, value: int) -> None:
    """Create another type, and delete the former one; no device has it."""
    new = f"{_own(users, device)}{value}"
    results = [each["thingTypeName"] for each in users.iot.list_thing_types()["thingTypes"]]
    if new in results:
        return
    users.iot.create_thing_type(thingTypeName=new)
    for old in _older(users, device, results):
        users.iot.deprecate_thing_type(thingTypeName=old)
        users.iot.delete_thing_type(thingTypeName=old)


def _retire(users: Users, device: int, _value: int) -> None:
    """Take a device out of service for good."""
    name, certificate = thing(device), users.certificate(device)
    with suppress(ClientError):
        users.side.aws.shadows.delete_thing_shadow(thingName=name)
    users.iot.detach_thing_principal(thingName=name, principal=certificate)
    users.iot.delete_thing(thingName=name)
    identity = users.certificates[device]
    users.iot.update_certificate(certificateId=identity, newStatus="INACTIVE")
    for policy in _attached(users, certificate):
        users.iot.detach_policy(policyName=policy, target=certificate)
    users.iot.delete_certificate(certificateId=identity)


def _attached(users: Users, target: str) -> list[str]:
    policies = users.iot.list_attached_policies(target=target)["policies"]
    return [policy["policyName"] for policy in policies]


def _own(users: Users, device: int) -> str:
    return f"own-{users.region}-{device}-"


def _older(users: Users, device: int, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(_own(users, device))]


IN_ONE: Final[Mapping[str, Action]] = {
    "model": _model, "move": _move, "retire": _retire, "rotate": _rotate,
}  # fmt: skip
"""Actions on a device in one region only: another one might need what is deleted."""
