"""All checks, in the order of their results."""

from typing import Final

from iot_dr.observe.doctor import zones
from iot_dr.observe.doctor.check import Check
from iot_dr.observe.doctor.checks import (
    accelerated_recovery,
    alarm_copies,
    certificate_issuers,
    clock,
    concurrency,
    connections,
    credentials,
    delegation,
    existing_platform,
    linked_roles,
    names,
    quotas,
    regions,
    services,
    state_buckets,
    subscribers,
    terraform,
    trails,
)

# Always allowed: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
CREDENTIALS: Final = Check(name="credentials", examine=credentials.examine)
"""The check on which all others depend that call AWS."""

CHECKS: Final = (
    Check(name="Terraform or OpenTofu", examine=terraform.examine, is_local=True),
    Check(name="clock", examine=clock.examine),
    Check(name="regions", examine=regions.examine, actions=("ec2:DescribeRegions",)),
    Check(name="services", examine=services.examine, actions=("ssm:GetParameters",)),
    Check(
        name="state buckets",
        examine=state_buckets.examine,
        actions=("s3:GetBucketVersioning", "s3:GetEncryptionConfiguration"),
    ),
    Check(
        name="names",
        examine=names.examine,
        actions=(
            "dynamodb:DescribeTable",
            "iam:GetRole",
            "iot:DescribeDomainConfiguration",
            "iot:GetPolicy",
            "lambda:GetFunctionConfiguration",
            "logs:DescribeLogStreams",
            "route53:ListResourceRecordSets",
            "s3:ListBucket",
        ),
    ),
    Check(
        name="Lambda concurrency",
        examine=concurrency.examine,
        actions=("lambda:GetAccountSettings", "lambda:GetFunctionConcurrency"),
    ),
    Check(
        name="quotas",
        examine=quotas.examine,
        actions=(
            "iam:GetAccountSummary",
            "iot:ListDomainConfigurations",
            "kinesis:DescribeLimits",
            "route53:GetAccountLimit",
            "servicequotas:GetAWSDefaultServiceQuota",
            "servicequotas:GetServiceQuota",
        ),
    ),
    Check(
        name="trails",
        examine=trails.examine,
        actions=(
            "cloudtrail:DescribeTrails",
            "cloudtrail:GetEventSelectors",
            "cloudtrail:GetTrailStatus",
        ),
    ),
    Check(name="service-linked roles", examine=linked_roles.examine, actions=("iam:GetRole",)),
    Check(
        name="connections",
        examine=connections.examine,
        actions=("codeconnections:GetConnection", "codestar-connections:GetConnection"),
    ),
    Check(name="delegation", examine=delegation.examine, actions=zones.ACTIONS),
    Check(name="accelerated recovery", examine=accelerated_recovery.examine, actions=zones.ACTIONS),
    Check(
        name="alarm copies",
        examine=alarm_copies.examine,
        actions=("cloudwatch:DescribeAlarms", "route53:ListHealthChecks"),
    ),
    Check(
        name="existing platform",
        examine=existing_platform.examine,
        actions=(
            "acm:DescribeCertificate",
            "iot:DescribeDomainConfiguration",
            "iot:GetPolicy",
            "route53:ListResourceRecordSets",
        ),
    ),
    Check(name="certificate issuers", examine=certificate_issuers.examine, is_local=True),
    Check(
        name="alarm subscribers",
        examine=subscribers.examine,
        actions=("sns:ListSubscriptionsByTopic",),
    ),
)
"""The other checks."""
