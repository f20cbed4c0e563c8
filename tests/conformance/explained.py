"""Differences that the stand-in keeps, each with its reason; docs/stand-in.md tells them too."""

import re
from typing import Final

from tests.conformance.difference import Difference

_NEWER = "the pinned provider's schema is newer than 5.100.0's: 6.x added it"
_IN_SET = "the official provider writes an empty string for what a block in a set leaves out"
_LIMIT = "the bindings tell a limit of one block, and no higher one"

EXPLAINED: Final = {
    r"schema (data\.)?\w+\.region": _NEWER,
    r"plan \w+\.region": _NEWER,
    r"(schema|plan) aws_acm_certificate\.options\.export": _NEWER,
    r"(schema|plan) aws_cloudwatch_log_group\.deletion_protection_enabled": _NEWER,
    r"(schema|plan) aws_dynamodb_table\.(global_table_witness|warm_throughput"
    r"|replica\.(consistency_mode|deletion_protection_enabled))"
    r"|schema aws_dynamodb_table\.global_secondary_index\.warm_throughput"
    r"|schema data\.aws_dynamodb_table\.(global_secondary_index|warm_throughput)"
    r"|plan data\.warm_throughput": _NEWER,
    r"(schema|plan) aws_kinesis_stream\.max_record_size_in_kib": _NEWER,
    r"schema aws_lambda_event_source_mapping\.(amazon|self)_managed_kafka_event_source_config"
    r"\.schema_registry_config": _NEWER,
    r"(schema|plan) aws_lambda_function\.(capacity_provider_config|durable_config|tenancy_config)"
    r"|schema aws_lambda_function\.(publish_to|source_kms_key_arn)": _NEWER,
    r"(schema|plan) aws_route53_zone\.enable_accelerated_recovery": _NEWER,
    r"(schema|plan) aws_s3_bucket\.bucket_region": _NEWER,
    r"(schema|plan) aws_s3_bucket_public_access_block\.skip_destroy": _NEWER,
    r"(schema|plan) aws_s3_bucket_server_side_encryption_configuration\.rule"
    r"\.blocked_encryption_types": _NEWER,
    r"schema aws_s3_bucket_replication_configuration\.rule": _LIMIT,
    r"schema aws_cloudtrail\.event_selector": _LIMIT,
    r"schema aws_lambda_event_source_mapping\.(filter_criteria\.filter"
    r"|source_access_configuration)": _LIMIT,
    r"schema aws_cloudwatch_event_target\.(run_command_targets"
    r"|ecs_target\.(ordered_placement_strategy|placement_constraint)"
    r"|sagemaker_pipeline_target\.pipeline_parameter_list)": _LIMIT,
    r"plan aws_s3_bucket_server_side_encryption_configuration\.rule"
    r"\.apply_server_side_encryption_by_default\.kms_master_key_id": _IN_SET,
}
"""Reasons by a pattern of `where attribute`."""


def reason_for(difference: Difference) -> str | None:
    """Give the reason for a difference; None for one that nobody has explained."""
    named = f"{difference.where} {difference.attribute}"
    return next((why for what, why in EXPLAINED.items() if re.fullmatch(what, named)), None)
