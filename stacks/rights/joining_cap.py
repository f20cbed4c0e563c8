"""What can be done at the most about devices that join by themselves (ADR 0023)."""

from dataclasses import dataclass
from typing import Final

from modules.device_policy_name import device_policy_name
from stacks.provisioning_names import template_name
from stacks.rights.cap_parts import allow, by
from stacks.rights.estate import Estate
from stacks.rights.policy import Statement

# Of the role that makes what the template says; AttachPolicy does not tell which policy.
_LETTING_IN: Final = (
    *("iot:AttachPolicy", "iot:AttachPrincipalPolicy", "iot:AttachThingPrincipal"),
    *("iot:CreateThing", "iot:DescribeCertificate", "iot:DescribeThing", "iot:GetPolicy"),
    *("iot:ListPrincipalThings", "iot:ListThingPrincipals", "iot:UpdateCertificate"),
)
_LETTING_IN_ANY: Final = (
    *("iot:ListAttachedPolicies", "iot:ListPrincipalPolicies", "iot:RegisterThing"),
)


@dataclass(frozen=True)
class JoiningParts:
    """Actions on resources by service and name, and those that know no resource."""

    actions: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    without_resource: tuple[str, ...] = ()


def joining_parts(estate: Estate) -> JoiningParts:
    """Give what rolling out a region takes besides, where devices join by themselves."""
    if estate.provisioning is None:
        return JoiningParts()
    template = ("iot", f"provisioningtemplate/{template_name(estate.context)}")
    if estate.provisioning == "fleet-provisioning":
        return JoiningParts(("iot:*ProvisioningTemplate*",), (template,))
    return JoiningParts(
        ("iot:*CACertificate", "iot:*ProvisioningTemplate*"),
        (template, ("iot", "cacert/*")),
        ("iot:RegisterCACertificate",),
    )


def joining_boundary(estate: Estate) -> list[Statement]:
    """Cap the roles by which AWS IoT lets devices in."""
    if estate.provisioning is None:
        return []
    name, arn = estate.context.name, f"arn:aws:iot:*:{estate.account_id}"
    roles = by(estate, name("provisioning-*"))
    device_policy = device_policy_name(estate.context)
    resources = [f"{arn}:cert/*", f"{arn}:policy/{device_policy}", f"{arn}:thing/*"]
    return [allow(_LETTING_IN, resources, roles), allow(_LETTING_IN_ANY, ["*"], roles)]
