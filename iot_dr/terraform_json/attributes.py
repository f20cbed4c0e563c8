"""Attributes of AWS that are another attribute or an argument of the same resource.

Only where the provider's id is really that, by the resource's page in its documentation
(registry.terraform.io/providers/hashicorp/aws/latest/docs, "Attribute Reference"): an id with the
name in it, such as a rule's on an event bus, is none.
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
"""Attributes whose value leads back to the resource, where a plan or a state tells it."""


def canonical(mode: str, type_: str, attribute: str) -> str:
    """Give the name under which an attribute is known; its own where it is no other."""
    return _SAME.get((mode, type_, attribute), attribute)
