"""Permissions on names and what stands behind them: zone, records, checks, certificates."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_CERTIFICATE = ("arn:aws:acm:{region}:{account}:certificate/*",)
_CHECK = ("arn:aws:route53:::healthcheck/*",)
_ZONE = ("arn:aws:route53:::hostedzone/{zone}",)
_CHANGES = ("arn:aws:route53:::change/*",)

NAMES: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_route53_zone": (
        Permission(resources=("*",), write=("route53:CreateHostedZone",), is_regional=False),
        Permission(resources=_CHANGES, read=("route53:GetChange",), is_regional=False),
        # Terraform refuses to destroy the zone, and so does this.
        Permission(
            resources=_ZONE,
            read=(
                "route53:GetHostedZone",
                "route53:ListResourceRecordSets",
                "route53:ListTagsForResource",
            ),
            write=("route53:ChangeTagsForResource", "route53:UpdateHostedZoneComment"),
            is_regional=False,
        ),
    ),
    "aws_route53_record": (
        Permission(resources=_CHANGES, read=("route53:GetChange",), is_regional=False),
        Permission(
            resources=_ZONE,
            read=("route53:GetHostedZone", "route53:ListResourceRecordSets"),
            is_regional=False,
        ),
        # docs.aws.amazon.com/Route53/latest/DeveloperGuide,
        # specifying-conditions-route53.html
        Permission(
            resources=_ZONE,
            write=("route53:ChangeResourceRecordSets",),
            condition={
                "ForAllValues:StringLike": {
                    "route53:ChangeResourceRecordSetsNormalizedRecordNames": "{name}"
                },
                "ForAllValues:StringEquals": {
                    "route53:ChangeResourceRecordSetsRecordTypes": "{kind}"
                },
                # With no value at all, a condition for all values would hold.
                "Null": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": "false"},
            },
            is_regional=False,
        ),
    ),
    # A check's id says nothing and its tags count for nothing in IAM: every check of the account.
    "aws_route53_health_check": (
        Permission(resources=("*",), write=("route53:CreateHealthCheck",), is_regional=False),
        Permission(
            resources=_CHECK,
            read=("route53:GetHealthCheck", "route53:ListTagsForResource"),
            write=(
                "route53:ChangeTagsForResource",
                "route53:DeleteHealthCheck",
                "route53:UpdateHealthCheck",
            ),
            is_regional=False,
        ),
    ),
    "aws_acm_certificate": (
        Permission(
            resources=_CERTIFICATE,
            read=("acm:DescribeCertificate", "acm:ListTagsForCertificate"),
        ),
        Permission(
            resources=("*",),
            write=("acm:RequestCertificate",),
            condition={
                "StringEquals": BEING_TAGGED["StringEquals"],
                "ForAllValues:StringEquals": {"acm:DomainNames": "{name}"},
            },
        ),
        # A request with tags asks for it, on a certificate that has none yet:
        # github.com/hashicorp/terraform-provider-aws, issue 11903.
        Permission(
            resources=_CERTIFICATE,
            write=("acm:AddTagsToCertificate",),
            condition=BEING_TAGGED,
        ),
        Permission(
            resources=_CERTIFICATE,
            write=(
                "acm:AddTagsToCertificate",
                "acm:DeleteCertificate",
                "acm:RemoveTagsFromCertificate",
                "acm:UpdateCertificateOptions",
            ),
            condition=TAGGED,
        ),
    ),
    "aws_acm_certificate_validation": (
        Permission(resources=_CERTIFICATE, read=("acm:DescribeCertificate",)),
    ),
}
