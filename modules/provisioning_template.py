"""The template by which AWS IoT provisions a new device."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cdktf_cdktf_provider_aws.iot_provisioning_template import IotProvisioningTemplate
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.inputs import require
from modules.iot_role import IotRole, IotRoleInputs
from modules.json_text import compact_json
from modules.module import Module
from modules.name_limits import TEMPLATE_NAME_LIMIT
from modules.policy_document import allow
from modules.registry_statements import Statement, in_region

_SLOT: Final = "provisioning"
# A thing that exists, copied from another region, is described, compared and updated.
_OF_THINGS: Final = (
    *("AttachThingPrincipal", "CreateThing", "DescribeThing", "ListThingGroupsForThing"),
    *("ListThingPrincipals", "UpdateThing"),
)
# IAM cannot limit which policy is attached: the resource of AttachPolicy is the target only.
# docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
_OF_CERTIFICATES: Final = (
    *("AttachPolicy", "AttachPrincipalPolicy", "AttachThingPrincipal", "DescribeCertificate"),
    *("ListPrincipalThings", "UpdateCertificate"),
)
# The service authorization reference lists no resource type for these.
_OF_ANY: Final = (
    *("ListAttachedPolicies", "ListPolicyPrincipals", "ListPrincipalPolicies", "RegisterThing"),
)


@dataclass(frozen=True, kw_only=True)
class _ProvisioningRoleInputs:
    """The role's name, and the name of the IoT policy that certificates get."""

    provider: AwsProvider
    context: Context
    account_id: str
    name: str
    device_policy: str


class _ProvisioningRole(IotRole):
    """A role that can create things and activate certificates, but not create policies or groups.

    It has the part of AWS's managed policy AWSIoTThingsRegistration (30 actions on all resources)
    that a template needs to create a thing, or to find an existing one and update it, and to attach
    it and a policy to an existing certificate. It lacks what detaches, changes groups, or creates
    policies and certificates. The trust policy's source is any IoT resource of the account and
    region, since AWS documents no ARN for these requests.
    """

    def __init__(self, scope: Construct, id_: str, inputs: _ProvisioningRoleInputs) -> None:
        role = IotRoleInputs(
            provider=inputs.provider,
            context=inputs.context,
            account_id=inputs.account_id,
            logical_id=_SLOT,
            name=inputs.name,
            policy_name=_SLOT,
            source="*",
            statements=list(_statements(inputs)),
        )
        super().__init__(scope, id_, role)


def _statements(inputs: _ProvisioningRoleInputs) -> Iterator[Statement]:
    region = inputs.context.region
    arn = f"arn:aws:iot:{region}:{inputs.account_id}"
    yield allow("MakeThings", _actions(_OF_THINGS), f"{arn}:thing/*")
    yield allow("LetCertificatesIn", _actions(_OF_CERTIFICATES), f"{arn}:cert/*")
    yield allow("DescribeGroups", ["iot:DescribeThingGroup"], f"{arn}:thinggroup/*")
    yield allow("DescribeTypes", ["iot:DescribeThingType"], f"{arn}:thingtype/*")
    policy = f"{arn}:policy/{inputs.device_policy}"
    yield allow("LookAtThePolicy", ["iot:GetPolicy", "iot:ListTargetsForPolicy"], policy)
    yield in_region("Provision", _actions(_OF_ANY), region)


def _actions(calls: tuple[str, ...]) -> list[str]:
    return [f"iot:{call}" for call in calls]


TemplateType = Literal["FLEET_PROVISIONING", "JITP"]
_CERTIFICATE_ID: Final = "AWS::IoT::Certificate::Id"
# The parameter with the thing's name: sent by the device, or read from its certificate.
_THING: Final[Mapping[TemplateType, str]] = {
    "FLEET_PROVISIONING": "SerialNumber",
    "JITP": "AWS::IoT::Certificate::CommonName",
}
# Metrics of failed registrations, each with the end of its alarm's name:
# docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html
_FAILURES: Final[Mapping[TemplateType, Mapping[str, str]]] = {
    "FLEET_PROVISIONING": {"RegisterThingFailed": "failed"},
    "JITP": {"ProvisionThing.ClientError": "failed", "ProvisionThing.ServerError": "errors"},
}
# A thing that exists already, copied from another region, keeps its attributes, groups and type.
_KEEP_EXISTING: Final = dict.fromkeys(
    ("AttributePayload", "ThingGroups", "ThingTypeName"), "DO_NOTHING"
)


@dataclass(frozen=True, kw_only=True)
class ProvisioningTemplateInputs:
    """The template's name and type, its role's name, and the IoT policy that certificates get.

    `topic_arn` is notified of failed registrations.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    name: str
    type: TemplateType
    role_name: str
    device_policy: str
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class ProvisioningTemplateOutputs:
    """The template's name, the same in every region."""

    name: str


class ProvisioningTemplate(Module):
    """A template that creates a thing, activates its certificate, and attaches thing and policy.

    Creates the template, its role, and alarms on registrations that fail. There is no
    pre-provisioning hook, so a device can choose any thing name, including another device's. Raises
    InputError for a name over 36 characters. Sources:
    docs.aws.amazon.com/iot/latest/developerguide/provision-template.html and
    docs.aws.amazon.com/iot/latest/developerguide/jit-provisioning.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: ProvisioningTemplateInputs) -> None:
        fits, expected = (
            len(inputs.name) <= TEMPLATE_NAME_LIMIT,
            f"{TEMPLATE_NAME_LIMIT} characters at most",
        )
        require(fits, ProvisioningTemplate, "name", inputs.name, expected)
        super().__init__(scope, id_)
        role = _ProvisioningRole(
            self,
            "role",
            _ProvisioningRoleInputs(
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
                template_body=compact_json(_body(inputs)),
                # The first device could not be provisioned before the role has its permissions.
                depends_on=[role.policy],
            ),
            _SLOT,
        )
        for metric, suffix in _FAILURES[inputs.type].items():
            Alarm(self, suffix, _alarm(inputs, template.name, metric, suffix))
        self.outputs = ProvisioningTemplateOutputs(name=template.name)


def _alarm(
    inputs: ProvisioningTemplateInputs, template: str, metric: str, suffix: str
) -> AlarmInputs:
    region = inputs.context.region
    return AlarmInputs(
        provider=inputs.provider,
        slot=f"{_SLOT}_{suffix}",
        name=alarm_name(inputs.context, f"{_SLOT}-{suffix}"),
        description=f"A device could not join in {region}: the log of AWS IoT has the reason.",
        namespace="AWS/IoT",
        metric=metric,
        dimensions={"TemplateName": template},
        statistic="Sum",
        threshold=1,
        period=300,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        topic_arn=inputs.topic_arn,
    )


def _body(inputs: ProvisioningTemplateInputs) -> dict[str, Any]:
    thing = _THING[inputs.type]
    certificate = {"CertificateId": {"Ref": _CERTIFICATE_ID}, "Status": "ACTIVE"}
    named_thing = _resource("Thing", {"ThingName": {"Ref": thing}})
    return {
        "Parameters": {name: {"Type": "String"} for name in (thing, _CERTIFICATE_ID)},
        "Resources": {
            "thing": {**named_thing, "OverrideSettings": _KEEP_EXISTING},
            "certificate": _resource("Certificate", certificate),
            "policy": _resource("Policy", {"PolicyName": inputs.device_policy}),
        },
    }


def _resource(type_: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::IoT::{type_}", "Properties": dict(properties)}
