"""Permissions on what lets new devices join: provisioning templates, and CA certificates."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_TEMPLATE = ("arn:aws:iot:{region}:{account}:provisioningtemplate/{name}",)
# Its id is the SHA-256 of the certificate, and tells of no environment.
_CA = ("arn:aws:iot:{region}:{account}:cacert/*",)

JOINING: Final[Mapping[str, tuple[Permission, ...]]] = {
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
            is_named_in_full=True,
        ),
    ),
    "aws_iot_ca_certificate": (
        Permission(resources=("*",), write=("iot:RegisterCACertificate",), condition=BEING_TAGGED),
        Permission(resources=_CA, read=("iot:DescribeCACertificate", "iot:ListTagsForResource")),
        Permission(resources=_CA, write=("iot:TagResource",), condition=BEING_TAGGED),
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
