"""Arguments on the path of device data and of states that decide nothing about their arrival."""

from collections.abc import Callable
from typing import Final, NamedTuple

from tools.benchmarks.design_mutants.conditions import (
    is_any,
    is_everywhere,
    is_of_guard,
    is_of_log,
    is_of_pulses,
    is_of_tls,
    is_removed,
)
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant

_DYNAMODB: Final = "docs.aws.amazon.com/amazondynamodb/latest/APIReference"
_LAMBDA: Final = "docs.aws.amazon.com/lambda/latest/api"
_S3: Final = "docs.aws.amazon.com/AmazonS3/latest"
_SQS: Final = (
    "docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
)


class OnData(NamedTuple):
    """Arguments by patterns of types and dotted names, why they decide nothing, and where."""

    types: str
    arguments: str
    reason: str
    source: str
    applies: Callable[[BaseDesign, Mutant], bool] = is_any


ON_DATA: Final = (
    OnData(
        "aws_cloudtrail",
        "enable_log_file_validation|include_global_service_events|is_(multi_region|organization)"
        "_trail|event_selector(.read_write_type)?",
        "what else is logged, and in which files; the calls that change a registry still are",
        "docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    OnData(
        "aws_cloudwatch_event_rule|aws_lambda_event_source_mapping",
        r"(event_pattern|filter_criteria)(\..*)?",
        "other events too are taken, with which the function does nothing",
        "docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html",
    ),
    OnData(
        "aws_cloudwatch_event_(rule|target)",
        "(state|schedule_expression)?",
        "pulses measure how late data is: without them it arrives all the same, and an alarm says"
        " that nothing measures it",
        "modules/registry_pulses.py",
        is_of_pulses,
    ),
    OnData(
        "aws_iam_(policy|role|role_policy)|aws_lambda_permission|aws_sqs_queue|aws_s3_bucket_policy",
        r"(assume_role_)?(policy\.Statement(\.Condition|\.Resource)?(\..*)?|permissions_boundary"
        "|source_arn)",
        "more is allowed than is used, which stops nothing",
        "docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
        is_removed,
    ),
    OnData(
        "aws_iam_role_policy",
        r"policy\.Statement.*",
        "a function that may not write its log does its work all the same",
        "docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
        is_of_log,
    ),
    OnData(
        "aws_iam_role_policy",
        r"policy\.Statement.*",
        "a second guard: the function leaves what its variables exclude, which the proof reads",
        "docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html",
        is_of_guard,
    ),
    OnData(
        "aws_sqs_queue|aws_s3_bucket_policy",
        r"(policy.*|bucket)?",
        "what denies requests without TLS, which no service makes",
        "docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
        is_of_tls,
    ),
    OnData(
        "aws_dynamodb_table|aws_sqs_queue|aws_kinesis_stream|aws_s3_bucket(_versioning)?",
        r"server_side_encryption.*|sqs_managed_sse_enabled|encryption_type|kms_key_id"
        r"|object_lock_enabled|versioning_configuration\.mfa_delete",
        "how data at rest is encrypted, or who may delete a version; each reader may still read",
        f"{_S3}/userguide/serv-side-encryption.html",
    ),
    OnData(
        "aws_dynamodb_table",
        r"replica\.propagate_tags|restore_to_latest_time|table_class",
        "tags, prices, and the time of a restore that is not made",
        f"{_DYNAMODB}/API_CreateTable.html",
    ),
    OnData(
        "aws_lambda_event_source_mapping",
        r"batch_size|maximum_batching_window_in_seconds|parallelization_factor"
        r"|bisect_batch_on_function_error|scaling_config(\.maximum_concurrency)?"
        r"|starting_position",
        "how soon and in what batches data arrives; a queue has no position",
        f"{_LAMBDA}/API_CreateEventSourceMapping.html",
    ),
    OnData(
        "aws_lambda_event_source_mapping|aws_sqs_queue",
        r"maximum_(record_age_in_seconds|retry_attempts)|redrive_policy\.maxReceiveCount"
        r"|redrive_policy|visibility_timeout_seconds|message_retention_seconds",
        "how often something is tried before it is kept in a queue for people, and for how long",
        _SQS,
    ),
    OnData(
        "aws_cloudtrail",
        "provider|region",
        "each region still has a trail: those of both have changed places",
        "docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
        is_everywhere,
    ),
    OnData(
        "aws_iot_topic_rule",
        r"error_action\.sqs\.use_base64",
        "the form of what is kept for people",
        "docs.aws.amazon.com/iot/latest/apireference/API_SqsAction.html",
    ),
    OnData(
        "aws_kinesis_stream",
        "retention_period",
        "for how long a stream keeps what nobody could read yet",
        "docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html",
    ),
    OnData(
        "aws_lambda_function",
        "memory_size|reserved_concurrent_executions|timeout|architectures",
        "how fast and how often a function runs; it is enough for one record at a time",
        f"{_LAMBDA}/API_CreateFunction.html",
    ),
    OnData(
        "aws_sqs_queue|aws_iot_topic_rule|aws_cloudtrail|aws_iam_policy",
        "name",
        "a label: other resources refer to this one, and follow",
        "docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html",
    ),
    OnData(
        "aws_s3_bucket_replication_configuration",
        r"rule\.(id|priority|filter(\.prefix)?)",
        "a label or an order of the rules of a bucket, which copy the same or more",
        f"{_S3}/userguide/replication-add-config.html",
    ),
)
