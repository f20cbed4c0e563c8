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

IDENTITIES: Final = ("id", "arn", "zone_id")
"""Attributes that identify a resource: a literal value of one leads back to the resource."""


def canonical(mode: str, type_: str, attribute: str) -> str:
    """Return the attribute that an attribute equals, or the attribute itself."""
    return _SAME.get((mode, type_, attribute), attribute)
