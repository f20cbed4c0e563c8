"""The role with which AWS IoT provisions devices from a template."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.iot_role import IotRole, IotRoleInputs
from modules.policy_document import allow
from modules.registry_statements import Statement, in_region

SLOT: Final = "provisioning"
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
class ProvisioningRoleInputs:
    """The role's name, and the name of the IoT policy that certificates get."""

    provider: AwsProvider
    context: Context
    account_id: str
    name: str
    device_policy: str


class ProvisioningRole(IotRole):
    """A role that can create things and activate certificates, but not create policies or groups.

    It has the part of AWS's managed policy AWSIoTThingsRegistration (30 actions on all resources)
    that a template needs to create a thing, or to find an existing one and update it, and to attach
    it and a policy to an existing certificate. It lacks what detaches, changes groups, or creates
    policies and certificates. The trust policy's source is any IoT resource of the account and
    region, since AWS documents no ARN for these requests.
    """

    def __init__(self, scope: Construct, id_: str, inputs: ProvisioningRoleInputs) -> None:
        role = IotRoleInputs(
            provider=inputs.provider,
            context=inputs.context,
            account_id=inputs.account_id,
            logical_id=SLOT,
            name=inputs.name,
            policy_name=SLOT,
            source="*",
            statements=list(_statements(inputs)),
        )
        super().__init__(scope, id_, role)


def _statements(inputs: ProvisioningRoleInputs) -> Iterator[Statement]:
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
