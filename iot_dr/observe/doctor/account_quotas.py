"""Quotas of an account that environments share, with AWS's defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuota:
    """A quota: its scope, default and AWS's page, and the Terraform type that uses it.

    Each resource counts as one, or as its argument `units`. `code` is that of Service Quotas, empty
    if no check reads it; `is_checked` says whether `iot-dr doctor` compares it.
    """

    type: str
    scope: Literal["account", "region"]
    default: int
    page: str
    is_adjustable: bool = True
    is_checked: bool = True
    code: str = ""
    units: str = ""


ACCOUNT_QUOTAS: Final[Mapping[str, AccountQuota]] = {
    "settings of registry events": AccountQuota(
        type="aws_iot_event_configurations",
        scope="region",
        default=1,
        is_adjustable=False,
        is_checked=False,
        page="iot/latest/apireference/API_UpdateEventConfigurations.html",
    ),
    # A trail of several regions or of an organization counts in each of its regions:
    # docs.aws.amazon.com/awscloudtrail/latest/userguide/create-multiple-trails.html.
    "trails": AccountQuota(
        type="aws_cloudtrail",
        scope="region",
        default=5,
        is_adjustable=False,
        page="awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html",
    ),
    "Lambda concurrency": AccountQuota(
        type="aws_lambda_function",
        units="reserved_concurrent_executions",
        scope="region",
        default=1000,
        code="L-B99A9384",
        page="lambda/latest/dg/gettingstarted-limits.html",
    ),
    "domain configurations": AccountQuota(
        type="aws_iot_domain_configuration",
        scope="region",
        default=10,
        code="L-89635276",
        page="general/latest/gr/iot-core.html",
    ),
    "topic rules": AccountQuota(
        type="aws_iot_topic_rule",
        scope="region",
        default=1000,
        is_checked=False,
        page="general/latest/gr/iot-core.html",
    ),
    "health checks": AccountQuota(
        type="aws_route53_health_check",
        scope="account",
        default=200,
        code="L-ACB674F3",
        page="Route53/latest/DeveloperGuide/DNSLimitations.html",
    ),
    "hosted zones": AccountQuota(
        type="aws_route53_zone",
        scope="account",
        default=500,
        code="L-4EA4796A",
        page="Route53/latest/DeveloperGuide/DNSLimitations.html",
    ),
    "IAM roles": AccountQuota(
        type="aws_iam_role",
        scope="account",
        default=1000,
        code="L-FE177D64",
        page="IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    "IAM policies": AccountQuota(
        type="aws_iam_policy",
        scope="account",
        default=1500,
        code="L-E95E4862",
        page="IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    # 100 in a few regions.
    "EventBridge rules": AccountQuota(
        type="aws_cloudwatch_event_rule",
        scope="region",
        default=300,
        is_checked=False,
        page="eventbridge/latest/userguide/eb-quota.html",
    ),
    "HTTP APIs": AccountQuota(
        type="aws_apigatewayv2_api",
        scope="region",
        default=600,
        is_checked=False,
        page="apigateway/latest/developerguide/http-api-quotas.html",
    ),
    "alarms": AccountQuota(
        type="aws_cloudwatch_metric_alarm",
        scope="region",
        default=5000,
        is_checked=False,
        page="AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
    ),
    "DynamoDB tables": AccountQuota(
        type="aws_dynamodb_table",
        scope="region",
        default=2500,
        is_checked=False,
        page="amazondynamodb/latest/developerguide/ServiceQuotas.html",
    ),
    "S3 buckets": AccountQuota(
        type="aws_s3_bucket",
        scope="account",
        default=10_000,
        is_checked=False,
        page="AmazonS3/latest/userguide/BucketRestrictions.html",
    ),
}
"""Quotas by name, those that cannot be raised first."""
