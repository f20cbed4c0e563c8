"""Permissions on buckets and how they are kept, not to what is in them."""

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


def _of_bucket(read: str, write: str) -> tuple[Permission, ...]:
    return (Permission(resources=_BUCKET, read=(read,), write=(write,), is_regional=False),)


BUCKETS: Final[Mapping[str, tuple[Permission, ...]]] = {
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
}
