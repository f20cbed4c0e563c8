"""What users do to the registry of a region, on so few entities that changes collide."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation.iot_core import certificate
from tests.simulation.things import EXCLUSIVE, SHARED

CERTIFICATES = [certificate(number) for number in range(2)]
CA = certificate(9)
_ATTEMPTS, _MOST_VERSIONS = 5, 5


@dataclass(frozen=True)
class Operation:
    """A change by a user of a region, by its name in OPERATIONS, and what was chosen for it."""

    region: str
    name: str
    thing: str
    number: int
    policy: str
    group: str
    value: int
    shadow: str
    half: str

    @property
    def pem(self) -> str:
        return CERTIFICATES[self.number][0]

    @property
    def certificate(self) -> str:
        return CERTIFICATES[self.number][1]

    def arn(self, resource: str) -> str:
        return f"arn:aws:iot:{self.region}:111122223333:{resource}"

    @property
    def principal(self) -> str:
        return self.arn(f"cert/{self.certificate}")

    @property
    def attributes(self) -> dict[str, Any]:
        return {"attributes": {"a": str(self.value)}}

    @property
    def shadow_name(self) -> dict[str, str]:
        named = {"shadowName": self.shadow} if self.shadow else {}
        return {"thingName": self.thing, **named}

    @property
    def document(self) -> str:
        where = self.arn("x") if self.value % 2 else "no"
        return json.dumps({"v": self.value, "r": where})

    def __str__(self) -> str:
        names = _SHOWN[self.name]
        chosen = ", ".join(f"{each}={getattr(self, each)}" for each in names.split())
        return f"{self.region}: {self.name} {chosen}".strip()

    def __call__(self, aws: Any) -> None:
        """Make the change; raises ClientError as AWS does."""
        OPERATIONS[self.name](aws, self)


def _onboard(aws: Any, o: Operation) -> None:
    aws.register_certificate_without_ca(certificatePem=o.pem, status="ACTIVE")
    aws.attach_policy(policyName=o.policy, target=o.principal)
    aws.create_thing(thingName=o.thing, attributePayload=o.attributes)
    aws.attach_thing_principal(thingName=o.thing, principal=o.principal)


def _delete_thing(aws: Any, o: Operation) -> None:
    for _ in range(_ATTEMPTS):
        for attached in aws.list_thing_principals_v2(thingName=o.thing)["thingPrincipalObjects"]:
            aws.detach_thing_principal(thingName=o.thing, principal=attached["principal"])
        try:
            aws.delete_thing(thingName=o.thing)
        except ClientError:
            aws.world.wait(6000)
        else:
            return


def _replace_certificate(aws: Any, o: Operation) -> None:
    """Give a thing the other certificate, and take the old one out of service."""
    aws.attach_thing_principal(thingName=o.thing, principal=o.principal)
    old = CERTIFICATES[1 - o.number][1]
    aws.detach_thing_principal(thingName=o.thing, principal=o.arn(f"cert/{old}"))
    aws.update_certificate(certificateId=old, newStatus="INACTIVE")


def _delete_certificate(aws: Any, o: Operation) -> None:
    aws.update_certificate(certificateId=o.certificate, newStatus="INACTIVE")
    for thing in aws.list_principal_things(principal=o.principal)["things"]:
        aws.detach_thing_principal(thingName=thing, principal=o.principal)
    for policy in aws.list_attached_policies(target=o.principal)["policies"]:
        aws.detach_policy(policyName=policy["policyName"], target=o.principal)
    aws.world.wait(6000)
    aws.delete_certificate(certificateId=o.certificate)


def _delete_policy(aws: Any, o: Operation) -> None:
    for target in aws.list_targets_for_policy(policyName=o.policy)["targets"]:
        aws.detach_policy(policyName=o.policy, target=target)
    for version in aws.list_policy_versions(policyName=o.policy)["policyVersions"]:
        if not version["isDefaultVersion"]:
            aws.delete_policy_version(policyName=o.policy, policyVersionId=version["versionId"])
    aws.delete_policy(policyName=o.policy)


def _new_version(aws: Any, o: Operation) -> None:
    versions = aws.list_policy_versions(policyName=o.policy)["policyVersions"]
    if len(versions) >= _MOST_VERSIONS:
        old = next(each["versionId"] for each in versions if not each["isDefaultVersion"])
        aws.delete_policy_version(policyName=o.policy, policyVersionId=old)
    is_default = o.value < 7
    aws.create_policy_version(
        policyName=o.policy, policyDocument=o.document, setAsDefault=is_default
    )


def _update_shadow(aws: Any, o: Operation) -> None:
    state = {o.half: {"ab"[o.number]: o.value or None}}
    payload = json.dumps({"state": state})
    aws.update_thing_shadow(payload=payload, **o.shadow_name)


def _delete_ca(aws: Any, _o: Operation) -> None:
    aws.update_ca_certificate(certificateId=CA[1], newStatus="INACTIVE")
    aws.delete_ca_certificate(certificateId=CA[1])


def _delete_type(aws: Any, _o: Operation) -> None:
    aws.deprecate_thing_type(thingTypeName="y1")
    aws.world.wait(310_000)
    aws.delete_thing_type(thingTypeName="y1")


def _status(status: str) -> Callable[[Any, Operation], None]:
    return lambda aws, o: aws.update_certificate(certificateId=o.certificate, newStatus=status)


def _attach(kind: str) -> Callable[[Any, Operation], None]:
    return lambda aws, o: aws.attach_thing_principal(
        thingName=o.thing, principal=o.principal, thingPrincipalType=kind
    )


def _described(noun: str, o: Operation) -> dict[str, Any]:
    return {f"{noun}Properties": {f"{noun}Description": str(o.value)}}


OPERATIONS: Mapping[str, Callable[[Any, Operation], None]] = {
    "onboard": _onboard,
    "create thing": lambda aws, o: aws.create_thing(
        thingName=o.thing, attributePayload=o.attributes),
    "change thing": lambda aws, o: aws.update_thing(
        thingName=o.thing, attributePayload=o.attributes),
    "delete thing": _delete_thing,
    "assign type": lambda aws, o: aws.update_thing(thingName=o.thing, thingTypeName="y1"),
    "create type": lambda aws, o: aws.create_thing_type(
        thingTypeName="y1", **_described("thingType", o)),
    "deprecate type": lambda aws, o: aws.deprecate_thing_type(
        thingTypeName="y1", undoDeprecate=o.value % 2 == 0),
    "delete type": _delete_type,
    "attach": _attach(SHARED),
    "attach exclusively": _attach(EXCLUSIVE),
    "detach": lambda aws, o: aws.detach_thing_principal(
        thingName=o.thing, principal=o.principal),
    "replace certificate": _replace_certificate,
    "create group": lambda aws, o: aws.create_thing_group(
        thingGroupName=o.group, **_described("thingGroup", o)),
    "change group": lambda aws, o: aws.update_thing_group(
        thingGroupName=o.group, **_described("thingGroup", o)),
    "delete group": lambda aws, o: aws.delete_thing_group(thingGroupName=o.group),
    "join group": lambda aws, o: aws.add_thing_to_thing_group(
        thingName=o.thing, thingGroupName=o.group),
    "leave group": lambda aws, o: aws.remove_thing_from_thing_group(
        thingName=o.thing, thingGroupName=o.group),
    "policy to group": lambda aws, o: aws.attach_policy(
        policyName=o.policy, target=o.arn(f"thinggroup/{o.group}")),
    "policy from group": lambda aws, o: aws.detach_policy(
        policyName=o.policy, target=o.arn(f"thinggroup/{o.group}")),
    "register": lambda aws, o: aws.register_certificate_without_ca(
        certificatePem=o.pem, status="ACTIVE" if o.value % 2 else "INACTIVE"),
    "activate": _status("ACTIVE"),
    "deactivate": _status("INACTIVE"),
    "revoke": _status("REVOKED"),
    "policy to certificate": lambda aws, o: aws.attach_policy(
        policyName=o.policy, target=o.principal),
    "policy from certificate": lambda aws, o: aws.detach_policy(
        policyName=o.policy, target=o.principal),
    "delete certificate": _delete_certificate,
    "register CA": lambda aws, o: aws.register_ca_certificate(
        caCertificate=CA[0], certificateMode="SNI_ONLY", setAsActive=True,
        allowAutoRegistration=o.value % 2 == 0),
    "change CA": lambda aws, o: aws.update_ca_certificate(
        certificateId=CA[1], newAutoRegistrationStatus="ENABLE" if o.value % 2 else "DISABLE"),
    "delete CA": _delete_ca,
    "create policy": lambda aws, o: aws.create_policy(
        policyName=o.policy, policyDocument=o.document),
    "new version": _new_version,
    "set default": lambda aws, o: aws.set_default_policy_version(
        policyName=o.policy, policyVersionId=str(1 + o.value % 3)),
    "delete policy": _delete_policy,
    "update shadow": _update_shadow,
    "delete shadow": lambda aws, o: aws.delete_thing_shadow(**o.shadow_name),
}  # fmt: skip
_SHOWN = {
    name: " ".join(
        chosen
        for chosen, words in {
            "thing": ("thing", "attach", "detach", "onboard", "join", "leave", "shadow", "type",
                      "replace"),
            "number": ("certificate", "attach", "detach", "onboard", "register", "activate",
                       "deactivate", "revoke", "shadow", "replace"),
            "policy": ("policy", "version", "default", "onboard"),
            "group": ("group",),
            "value": ("create", "change", "version", "register", "deprecate", "default", "shadow"),
            "shadow half": ("shadow",),
        }.items()
        if any(word in name.split() for word in words)
    )
    for name in OPERATIONS
}  # fmt: skip
"""What of an operation is printed."""
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "revocations": (
        "revoke", "revoke", "policy to certificate", "policy from certificate", "attach", "detach",
    ),
    "certificates": (
        "activate", "deactivate", "revoke", "register", "policy to certificate",
        "policy from certificate", "delete certificate", "new version", "register CA", "change CA",
        "delete CA",
    ),
    "things": (
        "onboard", "create thing", "change thing", "delete thing", "attach", "detach",
        "replace certificate", "attach exclusively", "join group", "leave group",
    ),
    "policies": (
        "create policy", "new version", "new version", "set default", "delete policy",
        "policy to group", "policy from group", "policy to certificate",
    ),
    "groups and types": (
        "create group", "change group", "delete group", "join group", "leave group", "create type",
        "assign type", "deprecate type", "delete type", "change thing", "policy to group",
    ),
    "shadows": ("update shadow", "update shadow", "update shadow", "delete shadow"),
    "everything": tuple(OPERATIONS),
}  # fmt: skip
"""Operations that collide; each schedule has those of one family."""


def operation(chooser: random.Random, region: str, family: str) -> Operation:
    """Choose an operation of a family in a region."""
    return Operation(
        region=region, name=chooser.choice(FAMILIES[family]),
        thing=chooser.choice(("t1", "t1", "t2")), number=chooser.choice((0, 0, 1)),
        policy=chooser.choice(("p1", "p1", "p2")), group=chooser.choice(("g1", "g2")),
        value=chooser.randint(0, 9), shadow=chooser.choice(("", "", "n1")),
        half=chooser.choice(("desired", "reported")),
    )  # fmt: skip


def furnish(aws: Any, things: int) -> None:
    """Make one or two things, each with all that it needs."""
    aws.create_thing_type(thingTypeName="y1")
    aws.create_thing_group(thingGroupName="g1")
    for number, (pem, _) in enumerate(CERTIFICATES[:things], 1):
        policy, thing = f"p{number}", f"t{number}"
        aws.create_policy(policyName=policy, policyDocument='{"v":0}')
        made = aws.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
        arn = aws.target.arn(f"cert/{made['certificateId']}")
        aws.attach_policy(policyName=policy, target=arn)
        aws.create_thing(thingName=thing, thingTypeName="y1")
        aws.attach_thing_principal(thingName=thing, principal=arn)
    aws.add_thing_to_thing_group(thingName="t1", thingGroupName="g1")
    state = {"desired": {"a": 1}, "reported": {"a": 0}}
    aws.update_thing_shadow(thingName="t1", payload=json.dumps({"state": state}))
