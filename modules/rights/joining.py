"""Rights to what lets new devices join: provisioning templates, and CA certificates."""

from collections.abc import Mapping
from typing import Final

from modules.rights.right import BEING_TAGGED, TAGGED, Right

_TEMPLATE = ("arn:aws:iot:{region}:{account}:provisioningtemplate/{name}",)
# Its id is the SHA-256 of the certificate, and tells of no environment.
_CA = ("arn:aws:iot:{region}:{account}:cacert/*",)

JOINING: Final[Mapping[str, tuple[Right, ...]]] = {
    "aws_iot_provisioning_template": (
        Right(
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
        ),
    ),
    "aws_iot_ca_certificate": (
        Right(resources=("*",), write=("iot:RegisterCACertificate",), condition=BEING_TAGGED),
        Right(resources=_CA, read=("iot:DescribeCACertificate", "iot:ListTagsForResource")),
        Right(resources=_CA, write=("iot:TagResource",), condition=BEING_TAGGED),
        Right(
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
