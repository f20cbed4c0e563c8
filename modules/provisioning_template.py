"""The template by which AWS IoT makes a thing of a device that joins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cdktf_cdktf_provider_aws.iot_provisioning_template import IotProvisioningTemplate
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.inputs import refuse_unless
from modules.module import Module
from modules.provisioning_role import ProvisioningRole, ProvisioningRoleInputs

TemplateType = Literal["FLEET_PROVISIONING", "JITP"]
_SLOT: Final = "provisioning"
_NAME_LIMIT: Final = 36
_CERTIFICATE_ID: Final = "AWS::IoT::Certificate::Id"
# What names the thing: a parameter that the device gives, or what is in its certificate.
_THING: Final[Mapping[TemplateType, str]] = {
    "FLEET_PROVISIONING": "SerialNumber",
    "JITP": "AWS::IoT::Certificate::CommonName",
}
# A thing may be there already, copied from another region: it keeps what is said of it.
_AS_IT_IS: Final = dict.fromkeys(("AttributePayload", "ThingGroups", "ThingTypeName"), "DO_NOTHING")


@dataclass(frozen=True, kw_only=True)
class ProvisioningTemplateInputs:
    """The template's name and type, its role's name, and the policy that devices get by it."""

    provider: AwsProvider
    context: Context
    account_id: str
    name: str
    type: TemplateType
    role_name: str
    device_policy: str


@dataclass(frozen=True, kw_only=True)
class ProvisioningTemplateOutputs:
    """The template's name, the same in every region."""

    name: str


class ProvisioningTemplate(Module):
    """A thing, attached to the certificate of the device, which is active and has one policy.

    Without a pre-provisioning hook whoever may use it names any thing, those of others among them.
    Sources: docs.aws.amazon.com/iot/latest/developerguide/provision-template.html and
    docs.aws.amazon.com/iot/latest/developerguide/jit-provisioning.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: ProvisioningTemplateInputs) -> None:
        fits, expected = len(inputs.name) <= _NAME_LIMIT, f"{_NAME_LIMIT} characters at most"
        refuse_unless(fits, ProvisioningTemplate, "name", inputs.name, expected)
        super().__init__(scope, id_)
        role = ProvisioningRole(
            self,
            "role",
            ProvisioningRoleInputs(
                provider=inputs.provider,
                context=inputs.context,
                account_id=inputs.account_id,
                name=inputs.role_name,
                device_policy=inputs.device_policy,
            ),
        ).outputs
        template = self.flat(
            IotProvisioningTemplate(
                self,
                "template",
                provider=inputs.provider,
                name=inputs.name,
                type=inputs.type,
                description=f"Lets devices of {inputs.context.environment} join in this region",
                enabled=True,
                provisioning_role_arn=role.arn,
                template_body=json.dumps(_body(inputs)),
                # Without its permissions the first device would not get in.
                depends_on=[role.policy],
            ),
            _SLOT,
        )
        self.outputs = ProvisioningTemplateOutputs(name=template.name)


def _body(inputs: ProvisioningTemplateInputs) -> dict[str, Any]:
    thing = _THING[inputs.type]
    certificate = {"CertificateId": {"Ref": _CERTIFICATE_ID}, "Status": "ACTIVE"}
    named = _resource("Thing", {"ThingName": {"Ref": thing}})
    return {
        "Parameters": {name: {"Type": "String"} for name in (thing, _CERTIFICATE_ID)},
        "Resources": {
            "thing": {**named, "OverrideSettings": _AS_IT_IS},
            "certificate": _resource("Certificate", certificate),
            "policy": _resource("Policy", {"PolicyName": inputs.device_policy}),
        },
    }


def _resource(type_: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::IoT::{type_}", "Properties": dict(properties)}
