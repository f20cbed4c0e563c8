"""A region's bucket for Terraform state."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import S3BucketOwnershipControls
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from modules.bucket_settings import encrypt
from modules.closed_bucket import ClosedBucket, ClosedBucketInputs
from modules.module import Module
from modules.removed_block import removed

_TYPES = (
    S3Bucket,
    S3BucketVersioningA,
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketOwnershipControls,
    S3BucketPublicAccessBlock,
    S3BucketPolicy,
)


@dataclass(frozen=True, kw_only=True)
class StateBucketInputs:
    """The bucket's name, and the region's part of its logical ids (`slot`), such as `eu_west_1`."""

    provider: AwsProvider
    bucket_name: str
    slot: str


@dataclass(frozen=True, kw_only=True)
class StateBucketOutputs:
    """The bucket's name, and its versioning, which replication depends on."""

    bucket_name: str
    versioning: S3BucketVersioningA


class StateBucket(Module):
    """A versioned, encrypted, private, TLS-only bucket that Terraform refuses to destroy.

    It uses SSE-S3: the S3 backend encrypts with it regardless of the bucket's default unless it is
    given the ARN of a KMS key, which nobody knows before the key exists. Sources:
    developer.hashicorp.com/terraform/language/backend/s3,
    docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: StateBucketInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        bucket = ClosedBucket(
            self,
            "bucket",
            ClosedBucketInputs(
                provider=inputs.provider,
                bucket_name=inputs.bucket_name,
                slot=_logical_id(inputs.slot),
                prevent_destroy=True,
            ),
        ).outputs
        versioning = self._keep_versions(bucket.id)
        slot = _logical_id(inputs.slot)
        encrypt(self, provider=inputs.provider, slot=slot, bucket=bucket.id)
        self.outputs = StateBucketOutputs(bucket_name=bucket.name, versioning=versioning)

    def _keep_versions(self, bucket_id: str) -> S3BucketVersioningA:
        return self.flat(
            S3BucketVersioningA(
                self,
                "versioning",
                provider=self._inputs.provider,
                bucket=bucket_id,
                versioning_configuration=S3BucketVersioningVersioningConfiguration(
                    status="Enabled"
                ),
            ),
            _logical_id(self._inputs.slot),
        )


def removed_blocks(slot: str) -> list[dict[str, object]]:
    """Return `removed` blocks with which Terraform forgets a bucket without destroying it.

    They need a provider of the bucket's region, and have no effect once applied.
    """
    return [removed(f"{type_.TF_RESOURCE_TYPE}.{_logical_id(slot)}") for type_ in _TYPES]


def _logical_id(slot: str) -> str:
    return f"state_{slot}"
