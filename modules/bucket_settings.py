"""Default encryption and expiry of a bucket."""

from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
)
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)

from modules.module import Module


def encrypt(
    module: Module, *, provider: AwsProvider, slot: str, bucket: str, key_arn: str | None = None
) -> None:
    """Add default encryption with a KMS key, or with S3's own keys if `key_arn` is None.

    `slot` is the logical id.
    """
    by_default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
        sse_algorithm="aws:kms" if key_arn else "AES256", kms_master_key_id=key_arn
    )
    module.flat(
        S3BucketServerSideEncryptionConfigurationA(
            module,
            "encryption",
            provider=provider,
            bucket=bucket,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=by_default,
                    bucket_key_enabled=True if key_arn else None,
                    # S3 sets this on new buckets. Unless it is configured, provider versions up
                    # to 6.39 plan a change: hashicorp/terraform-provider-aws issue 47320.
                    blocked_encryption_types=["SSE-C"],
                )
            ],
        ),
        slot,
    )


def expire(module: Module, *, provider: AwsProvider, slot: str, bucket: str, days: int) -> None:
    """Add a rule that deletes every object after `days`, and unfinished uploads after one day.

    `slot` is the logical id.
    """
    module.flat(
        S3BucketLifecycleConfiguration(
            module,
            "lifecycle",
            provider=provider,
            bucket=bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    # An empty prefix matches all objects.
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=1
                        )
                    ],
                )
            ],
        ),
        slot,
    )
