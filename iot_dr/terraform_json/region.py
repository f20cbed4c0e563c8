"""The region of a resource."""

from collections.abc import Mapping

from iot_dr.terraform_json.expression import has_expression, single_reference
from iot_dr.terraform_json.json_value import Json, text

# Steps through variables and locals; a region takes two or three.
_MOST_HOPS = 16
ARN_PARTS = 6
# Global services: their resources are not in the provider's region
# (docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html).
_GLOBAL = (
    "aws_route53_",
    "aws_iam_",
    "aws_cloudfront_",
    "aws_globalaccelerator_",
    "aws_organizations_",
    "aws_shield_",
)


def is_global(type_: str) -> bool:
    """Whether resources of a type belong to no region."""
    return type_.startswith(_GLOBAL)


def region_of(
    values: Mapping[str, Json], provider_region: str | None, definitions: Mapping[str, Json]
) -> str | None:
    """Return the region of a resource: its `region` argument, else its provider's, else its ARN's.

    None if unknown. Version 6 of the provider introduced the argument
    (registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support).
    """
    own = known_text(values.get("region"), definitions)
    return own or provider_region or _arn_region(text(values.get("arn")))


def known_text(value: Json, definitions: Mapping[str, Json]) -> str | None:
    """Follow a text through variables and locals to a literal; None if there is none."""
    for _ in range(_MOST_HOPS):
        if not isinstance(value, str) or not value:
            return None
        if not has_expression(value):
            return value
        value = definitions.get(single_reference(value) or "")
    return None


def _arn_region(arn: str) -> str | None:
    parts = arn.split(":", ARN_PARTS - 1)
    return parts[3] or None if len(parts) == ARN_PARTS and parts[0] == "arn" else None
