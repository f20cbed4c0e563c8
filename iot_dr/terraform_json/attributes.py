"""Attributes of AWS resources that equal another attribute of the same resource.

Taken from "Attribute Reference" on each resource's page of the provider's documentation
(registry.terraform.io/providers/hashicorp/aws/latest/docs). An id that only contains the other
attribute, such as that of a rule on an event bus, is not listed.
"""

from typing import Final

_SAME: Final = {
    ("managed", "aws_acm_certificate", "id"): "arn",
    ("managed", "aws_cloudwatch_log_group", "id"): "name",
    ("managed", "aws_cloudwatch_metric_alarm", "id"): "alarm_name",
    ("managed", "aws_dynamodb_table", "id"): "name",
    ("managed", "aws_iam_role", "id"): "name",
    ("managed", "aws_iot_domain_configuration", "id"): "name",
    ("managed", "aws_iot_policy", "id"): "name",
    ("managed", "aws_kinesis_stream", "id"): "arn",
    ("managed", "aws_kms_key", "id"): "key_id",
    ("managed", "aws_lambda_function", "id"): "function_name",
    ("managed", "aws_route53_zone", "id"): "zone_id",
    ("managed", "aws_s3_bucket", "id"): "bucket",
    ("managed", "aws_sns_topic", "id"): "arn",
    ("data", "aws_acm_certificate", "id"): "arn",
    ("data", "aws_iot_endpoint", "id"): "endpoint_address",
    ("data", "aws_route53_zone", "id"): "zone_id",
}

_IDENTITIES: Final = ("id", "arn")
_OF_ZONE: Final = (*_IDENTITIES, "zone_id")


def identities(type_: str) -> tuple[str, ...]:
    """Return the attributes that identify a resource of a type.

    A literal value of one leads back to the resource. The `zone_id` of another type than a zone is
    that of a zone, or of a service's own zone.
    """
    return _OF_ZONE if type_ == "aws_route53_zone" else _IDENTITIES


def name_of(type_: str) -> str:
    """Return the attribute with the name by which arguments that take a type refer to it.

    A rule of another event bus than the default one has the bus in its id, and not in its name.
    """
    same = "name" if type_ == "aws_cloudwatch_event_rule" else _SAME.get(("managed", type_, "id"))
    return same or "id"


def canonical(mode: str, type_: str, attribute: str) -> str:
    """Return the attribute that an attribute equals, or the attribute itself."""
    return _SAME.get((mode, type_, attribute), attribute)
