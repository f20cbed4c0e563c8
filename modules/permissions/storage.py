"""Permissions on what keeps data: buckets (not their objects), tables, streams, queues."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

_BUCKET = ("arn:aws:s3:::{name}",)
# One read of `aws_s3_bucket` asks for all that a bucket once was configured by.
_READ_BUCKET = (
    "s3:GetAccelerateConfiguration",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    # From 6.23 on the provider goes by this, and by s3:TagResource and s3:UntagResource:
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
# Terraform compares with the key that AWS manages, which it knows by an alias and IAM by its id.
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
    # Terraform refuses to destroy a bucket with states, and so does this: see `aws_s3_bucket_*`.
    "aws_s3_bucket": (
        Permission(
            resources=_BUCKET,
            read=_READ_BUCKET,
            write=(
                *("s3:CreateBucket", "s3:PutBucketTagging"),
                *("s3:TagResource", "s3:UntagResource"),
            ),
            dispose=("s3:DeleteBucket", "s3:ListBucketVersions"),
            is_regional=False,
        ),
        Permission(
            resources=("arn:aws:s3:::{name}/*",),
            dispose=("s3:DeleteObject", "s3:DeleteObjectVersion"),
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
    # Terraform refuses to destroy a table, and so does this; a replica goes with its region.
    "aws_dynamodb_table": (
        Permission(
            resources=_TABLE,
            read=(*_READ_TABLE, "dynamodb:DescribeTimeToLive"),
            write=("dynamodb:CreateTable", *_CHANGE_TABLE),
            is_placed=True,
        ),
        _DEFAULT_KEY,
        # Made with the first replica of the account:
        # docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html
        Permission(
            resources=(f"arn:aws:iam::{{account}}:role/{_REPLICATOR}",),
            write=("iam:CreateServiceLinkedRole",),
            condition={"StringEquals": {"iam:AWSServiceName": _REPLICATION}},
            is_regional=False,
        ),
    ),
    # A part of its table's resource, with permissions where it stands: the page above says of which
    # items it is made, which DynamoDB asks for in the name of whoever makes it.
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
            is_placed=True,
        ),
        _DEFAULT_KEY,
    ),
    "aws_kinesis_stream": (
        # How many streams there may be is the account's.
        Permission(resources=("*",), read=("kinesis:DescribeLimits",)),
        # It knows no resource: docs.aws.amazon.com/service-authorization/latest/reference,
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
