"""Differences that the stand-in keeps, with reasons; docs/reference/stand-in.md lists them too."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.conformance.difference import Difference


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some attributes differ, and the source.

    Attributes:
        official: Pattern of the official provider's value.
        before: The first version of the official provider without the difference.
    """

    text: str
    source: str
    official: str = ".*"
    before: tuple[int, ...] | None = None

    def fits(self, version: str) -> bool:
        """Whether the reason may explain a difference from this version of the provider."""
        return self.before is None or tuple(map(int, version.split("."))) < self.before


_ENCRYPTION: Final = r"aws_s3_bucket_server_side_encryption_configuration\.rule"
_PROVIDER: Final = "hashicorp/terraform-provider-aws"
_ADDED = Reason(
    "version 6 added it",
    f"{_PROVIDER}, CHANGELOG.md of 6.x",
    official="has none|null",
    before=(6, 0, 0),
)
_ADDED_IN_TYPE = Reason(
    "version 6 added warm_throughput to it",
    f"{_PROVIDER}, CHANGELOG.md of 6.x",
    official="type .*",
    before=(6, 0, 0),
)
_ARGUMENT = Reason(
    "version 6 made an argument of what had been an attribute",
    "registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support",
    official="optional null|unknown",
    before=(6, 0, 0),
)
_UNSET = Reason(
    "version 6 lets it be taken away again",
    f"{_PROVIDER} pull request 44442",
    official="computed true",
    before=(6, 0, 0),
)
_IN_SET = Reason(
    "the official provider writes an empty string for what a block in a set leaves out",
    "hashicorp/terraform pull request 26638",
    official='""',
)

Explanations: TypeAlias = Mapping[Reason, tuple[str, ...]]
"""Patterns of `where attribute` by reason; each must match a difference."""

EXPLAINED: Final[Explanations] = {
    _ADDED: (
        r"schema (data\.)?\w+\.region",
        r"plan (data\.)?\w+\.region",
        r"(schema|plan) aws_acm_certificate\.options\.export",
        r"(schema|plan) aws_cloudwatch_log_group\.deletion_protection_enabled",
        r"(schema|plan) aws_codebuild_project\.auto_retry_limit",
        r"(schema|plan) aws_codebuild_project\.environment\.docker_server",
        r"(schema|plan) aws_dynamodb_table\.global_table_witness",
        r"(schema|plan) aws_dynamodb_table\.warm_throughput",
        r"(schema|plan) aws_dynamodb_table\.replica\.consistency_mode",
        r"(schema|plan) aws_dynamodb_table\.replica\.deletion_protection_enabled",
        r"schema aws_dynamodb_table\.global_secondary_index\.warm_throughput",
        r"(schema|plan) data\.aws_dynamodb_table\.warm_throughput",
        r"(schema|plan) aws_kinesis_stream\.max_record_size_in_kib",
        r"schema aws_lambda_event_source_mapping\.\w+_kafka_\w+\.schema_registry_config",
        r"(schema|plan) aws_lambda_function\.capacity_provider_config",
        r"(schema|plan) aws_lambda_function\.durable_config",
        r"schema aws_lambda_function\.publish_to",
        r"schema aws_lambda_function\.source_kms_key_arn",
        r"(schema|plan) aws_lambda_function\.tenancy_config",
        r"(schema|plan) aws_route53_zone\.enable_accelerated_recovery",
        r"(schema|plan) aws_s3_bucket\.bucket_region",
        r"(schema|plan) aws_s3_bucket_public_access_block\.skip_destroy",
        rf"(schema|plan) {_ENCRYPTION}\.blocked_encryption_types",
    ),
    _ADDED_IN_TYPE: (r"schema data\.aws_dynamodb_table\.global_secondary_index",),
    _ARGUMENT: (r"(schema|plan) aws_s3_bucket\.region",),
    _UNSET: (
        r"schema aws_s3_bucket_lifecycle_configuration\.rule\.\w+\.newer_noncurrent_versions",
    ),
    _IN_SET: (
        rf"plan {_ENCRYPTION}\.apply_server_side_encryption_by_default\.kms_master_key_id",
        r"plan aws_cloudwatch_metric_alarm\.metric_query\.(account_id|label)",
    ),
}


def reason_for(difference: Difference, version: str, explained: Explanations) -> Reason | None:
    """Return the reason for a difference from a version; None if it is not explained."""
    return next(
        (
            reason
            for reason, patterns in explained.items()
            if reason.fits(version)
            and any(_matches(reason, pattern, difference) for pattern in patterns)
        ),
        None,
    )


def unused(differences: Collection[Difference], version: str, explained: Explanations) -> list[str]:
    """Return the patterns that explain none of the differences from a version."""
    return [
        pattern
        for reason, patterns in explained.items()
        if reason.fits(version)
        for pattern in patterns
        if not any(_matches(reason, pattern, difference) for difference in differences)
    ]


def _matches(reason: Reason, pattern: str, difference: Difference) -> bool:
    named = f"{difference.where} {difference.attribute}"
    return bool(re.fullmatch(pattern, named) and re.fullmatch(reason.official, difference.official))
