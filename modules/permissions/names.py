"""Permissions for Route 53 zones, records and health checks, and ACM certificates."""

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
        # Deliberately without `route53:DeleteHostedZone`: the zone is never destroyed.
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
    "aws_route53_zone_lookup": (
        # hashicorp/terraform-provider-aws, internal/service/route53/zone_data_source.go
        Permission(resources=("*",), read=("route53:ListHostedZones",), is_regional=False),
        Permission(
            resources=_ZONE,
            read=("route53:GetHostedZone", "route53:ListTagsForResource"),
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
        # docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
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
                # ForAllValues is true for a request without the key:
                # docs.aws.amazon.com/IAM/latest/UserGuide,
                # reference_policies_condition-single-vs-multi-valued-context-keys.html
                "Null": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": "false"},
            },
            is_regional=False,
        ),
    ),
    # A check's id is generated and IAM ignores its tags: these cover all checks of the account.
    # docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
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
        # RequestCertificate with tags needs it on a certificate that has no tags yet:
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
    "aws_acm_certificate_lookup": (
        # hashicorp/terraform-provider-aws, internal/service/acm/certificate_data_source.go
        Permission(resources=("*",), read=("acm:ListCertificates",)),
        Permission(
            resources=_CERTIFICATE,
            read=(
                "acm:DescribeCertificate",
                "acm:GetCertificate",
                "acm:ListTagsForCertificate",
            ),
        ),
    ),
    "aws_acm_certificate_validation": (
        Permission(resources=_CERTIFICATE, read=("acm:DescribeCertificate",)),
    ),
}
