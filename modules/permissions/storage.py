"""Permissions for S3 buckets (not objects), DynamoDB tables, Kinesis streams and SQS queues."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

_BUCKET = ("arn:aws:s3:::{name}",)
# Reading `aws_s3_bucket` reads all settings that were once arguments of that resource.
_READ_BUCKET = (
    "s3:GetAccelerateConfiguration",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    # Provider versions from 6.23 need this, s3:TagResource and s3:UntagResource:
    # github.com/hashicorp/terraform-provider-aws, pull request 45251.
    "s3:ListTagsForResource",
)
_TABLE = ("arn:aws:dynamodb:{region}:{account}:table/{name}",)
_REPLICATION = "replication.dynamodb.amazonaws.com"
_REPLICATOR = f"aws-service-role/{_REPLICATION}/AWSServiceRoleForDynamoDBReplication"
_READ_TABLE = (
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
)
# Terraform compares the table's key with the AWS managed key, which IAM identifies only by its id.
_DEFAULT_KEY = Permission(
    resources=("arn:aws:kms:{region}:{account}:key/*",), read=("kms:DescribeKey",)
)
_CHANGE_TABLE = (
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
_STREAM = ("arn:aws:kinesis:{region}:{account}:stream/{name}",)
_QUEUE = ("arn:aws:sqs:{region}:{account}:{name}",)


def _of_bucket(read: str, write: str) -> tuple[Permission, ...]:
    return (Permission(resources=_BUCKET, read=(read,), write=(write,), is_regional=False),)


STORAGE: Final[Mapping[str, tuple[Permission, ...]]] = {
    # Deletion is in `force_destroy` only: buckets with states are never destroyed.
    "aws_s3_bucket": (
        Permission(
            resources=_BUCKET,
            read=_READ_BUCKET,
            write=(
                *("s3:CreateBucket", "s3:PutBucketTagging"),
                *("s3:TagResource", "s3:UntagResource"),
            ),
            force_destroy=("s3:DeleteBucket", "s3:ListBucketVersions"),
            is_regional=False,
        ),
        Permission(
            resources=("arn:aws:s3:::{name}/*",),
            force_destroy=("s3:DeleteObject", "s3:DeleteObjectVersion"),
            is_regional=False,
        ),
    ),
    "aws_s3_bucket_versioning": _of_bucket("s3:GetBucket*", "s3:PutBucketVersioning"),
    "aws_s3_bucket_server_side_encryption_configuration": _of_bucket(
        "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"
    ),
    "aws_s3_bucket_ownership_controls": _of_bucket(
        "s3:GetBucket*", "s3:PutBucketOwnershipControls"
    ),
    "aws_s3_bucket_public_access_block": _of_bucket(
        "s3:GetBucket*", "s3:PutBucketPublicAccessBlock"
    ),
    "aws_s3_bucket_policy": (
        Permission(
            resources=_BUCKET,
            read=("s3:GetBucket*",),
            write=("s3:DeleteBucketPolicy", "s3:PutBucketPolicy"),
            is_regional=False,
        ),
    ),
    "aws_s3_bucket_replication_configuration": _of_bucket(
        "s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration"
    ),
    "aws_s3_bucket_lifecycle_configuration": _of_bucket(
        "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"
    ),
    # Deliberately without `dynamodb:DeleteTable`: tables are never destroyed, only replicas.
    "aws_dynamodb_table": (
        Permission(
            resources=_TABLE,
            read=(*_READ_TABLE, "dynamodb:DescribeTimeToLive"),
            write=("dynamodb:CreateTable", *_CHANGE_TABLE),
            is_granted_by_region=True,
        ),
        _DEFAULT_KEY,
        # The service-linked role is created with the account's first replica:
        # docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html
        Permission(
            resources=(f"arn:aws:iam::{{account}}:role/{_REPLICATOR}",),
            write=("iam:CreateServiceLinkedRole",),
            condition={"StringEquals": {"iam:AWSServiceName": _REPLICATION}},
            is_regional=False,
        ),
    ),
    # A block of `aws_dynamodb_table` whose permissions are in the replica's region. DynamoDB copies
    # the items with the caller's permissions, which the page above lists.
    "aws_dynamodb_table_replica": (
        Permission(
            resources=_TABLE,
            read=_READ_TABLE,
            write=(
                "dynamodb:BatchWriteItem",
                "dynamodb:CreateTable",
                "dynamodb:CreateTableReplica",
                "dynamodb:DeleteItem",
                "dynamodb:DeleteTable",
                "dynamodb:DeleteTableReplica",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
                *_CHANGE_TABLE,
            ),
            is_granted_by_region=True,
        ),
        _DEFAULT_KEY,
    ),
    "aws_kinesis_stream": (
        # DescribeLimits is about the account.
        Permission(resources=("*",), read=("kinesis:DescribeLimits",)),
        # UpdateStreamMode has no resource type:
        # docs.aws.amazon.com/service-authorization/latest/reference,
        # list_amazonkinesisdatastreams.html.
        Permission(resources=("*",), write=("kinesis:UpdateStreamMode",)),
        Permission(
            resources=_STREAM,
            read=("kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"),
            write=(
                "kinesis:AddTagsToStream",
                "kinesis:CreateStream",
                "kinesis:DecreaseStreamRetentionPeriod",
                "kinesis:DeleteStream",
                "kinesis:IncreaseStreamRetentionPeriod",
                "kinesis:RemoveTagsFromStream",
                "kinesis:StartStreamEncryption",
                "kinesis:StopStreamEncryption",
                "kinesis:UpdateShardCount",
            ),
        ),
    ),
    "aws_sqs_queue": (
        Permission(
            resources=_QUEUE,
            read=("sqs:GetQueueAttributes", "sqs:ListQueueTags"),
            write=(
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:SetQueueAttributes",
                "sqs:TagQueue",
                "sqs:UntagQueue",
            ),
        ),
    ),
    "aws_sqs_queue_policy": (
        Permission(
            resources=_QUEUE, read=("sqs:GetQueueAttributes",), write=("sqs:SetQueueAttributes",)
        ),
    ),
}
