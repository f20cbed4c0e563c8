"""The region of a resource."""

from collections.abc import Mapping

from iot_dr.terraform_json.expression import has_expression, single_reference
from iot_dr.terraform_json.json_value import Json, text

# Hops through variables and locals; a region is given through two or three.
_MOST_HOPS = 16
_ARN_PARTS = 6
# Not of the region of the provider that makes them.
_GLOBAL = (
    "aws_route53_",
    "aws_iam_",
    "aws_cloudfront_",
    "aws_globalaccelerator_",
    "aws_organizations_",
    "aws_shield_",
)


def is_global(type_: str) -> bool:
    """Tell whether resources of a type belong to no region."""
    return type_.startswith(_GLOBAL)


def region_of(
    values: Mapping[str, Json], provider_region: str | None, definitions: Mapping[str, Json]
) -> str | None:
    """Give the region by the resource's own argument, else its provider's, else in its ARN.

    The argument is there since version 6 of the provider
    (registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support).
    """
    own = known_text(values.get("region"), definitions)
    return own or provider_region or _arn_region(text(values.get("arn")))


def known_text(value: Json, definitions: Mapping[str, Json]) -> str | None:
    """Follow a text through variables and locals; None where it ends in anything but a literal."""
    for _ in range(_MOST_HOPS):
        if not isinstance(value, str) or not value:
            return None
        if not has_expression(value):
            return value
        value = definitions.get(single_reference(value) or "")
    return None


def _arn_region(arn: str) -> str | None:
    parts = arn.split(":", _ARN_PARTS - 1)
    return parts[3] or None if len(parts) == _ARN_PARTS and parts[0] == "arn" else None
