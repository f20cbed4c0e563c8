"""Permissions for AWS IoT: endpoints, policies, rules, events and provisioning."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_DOMAIN = (
    "arn:aws:iot:{region}:{account}:domainconfiguration/{name}",
    "arn:aws:iot:{region}:{account}:domainconfiguration/{name}/*",
)
_POLICY = ("arn:aws:iot:{region}:{account}:policy/{name}",)
_TEMPLATE = ("arn:aws:iot:{region}:{account}:provisioningtemplate/{name}",)
# The id is the SHA-256 of the certificate, which does not identify an environment.
_CA = ("arn:aws:iot:{region}:{account}:cacert/*",)

IOT: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_iot_endpoint": (Permission(resources=("*",), read=("iot:DescribeEndpoint",)),),
    "aws_iot_domain_configuration": (
        Permission(
            resources=_DOMAIN,
            read=("iot:DescribeDomainConfiguration", "iot:ListTagsForResource"),
            write=(
                "iot:CreateDomainConfiguration",
                "iot:DeleteDomainConfiguration",
                "iot:TagResource",
                "iot:UntagResource",
                "iot:UpdateDomainConfiguration",
            ),
        ),
        # IoT Core reads the server certificate from ACM with the caller's permissions.
        Permission(
            resources=("arn:aws:acm:{region}:{account}:certificate/*",),
            read=("acm:DescribeCertificate", "acm:GetCertificate"),
        ),
    ),
    "aws_iot_policy": (
        Permission(
            resources=_POLICY,
            read=("iot:GetPolicy", "iot:ListPolicyVersions", "iot:ListTagsForResource"),
            write=(
                "iot:CreatePolicy",
                "iot:CreatePolicyVersion",
                "iot:DeletePolicy",
                "iot:DeletePolicyVersion",
                "iot:TagResource",
                "iot:UntagResource",
            ),
        ),
    ),
    "aws_iot_topic_rule": (
        # Terraform waits for a new rule by listing all rules.
        Permission(resources=("*",), read=("iot:ListTopicRules",)),
        Permission(
            resources=("arn:aws:iot:{region}:{account}:rule/{name}",),
            read=("iot:GetTopicRule", "iot:ListTagsForResource"),
            write=(
                "iot:CreateTopicRule",
                "iot:DeleteTopicRule",
                "iot:ReplaceTopicRule",
                "iot:TagResource",
                "iot:UntagResource",
            ),
        ),
    ),
    # The event configuration is a setting of the account in a region; it has no ARN.
    "aws_iot_event_configurations": (
        Permission(
            resources=("*",),
            read=("iot:DescribeEventConfigurations",),
            write=("iot:UpdateEventConfigurations",),
        ),
    ),
    "aws_iot_provisioning_template": (
        Permission(
            resources=_TEMPLATE,
            read=("iot:DescribeProvisioningTemplate", "iot:ListTagsForResource"),
            write=(
                "iot:CreateProvisioningTemplate",
                "iot:CreateProvisioningTemplateVersion",
                "iot:DeleteProvisioningTemplate",
                "iot:TagResource",
                "iot:UntagResource",
                "iot:UpdateProvisioningTemplate",
            ),
            is_granted_by_full_name=True,
        ),
    ),
    "aws_iot_ca_certificate": (
        # Whoever may tag a CA certificate without tags may deactivate it, so that devices of others
        # can no longer join.
        Permission(resources=("*",), person=("iot:RegisterCACertificate",), condition=BEING_TAGGED),
        Permission(resources=_CA, read=("iot:DescribeCACertificate", "iot:ListTagsForResource")),
        Permission(resources=_CA, person=("iot:TagResource",), condition=BEING_TAGGED),
        Permission(
            resources=_CA,
            write=(
                "iot:DeleteCACertificate",
                "iot:TagResource",
                "iot:UntagResource",
                "iot:UpdateCACertificate",
            ),
            condition=TAGGED,
        ),
    ),
}
