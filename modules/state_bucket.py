"""A region's bucket for Terraform state."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from modules.inputs import refuse_unless
from modules.module import Module
from modules.policy_document import policy_document

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME_LENGTH = range(3, 64)
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
    """The bucket's name, and the slot that its logical ids go by, e.g. `eu_west_1`."""

    provider: AwsProvider
    bucket_name: str
    slot: str


@dataclass(frozen=True, kw_only=True)
class StateBucketOutputs:
    """The bucket's name once it exists, and what turns on its versions, which copies wait for."""

    bucket_name: str
    versioning: S3BucketVersioningA


class StateBucket(Module):
    """A versioned, encrypted, private, TLS-only bucket that Terraform refuses to destroy.

    Encrypted with S3's own keys: the backend writes with them whatever the bucket's default is
    unless it is given a KMS key's ARN, which no synthesis can know before the key exists. Sources:
    developer.hashicorp.com/terraform/language/backend/s3,
    docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: StateBucketInputs) -> None:
        name = inputs.bucket_name
        refuse_unless(
            len(name) in _NAME_LENGTH, StateBucket, "bucket_name", name, "3 to 63 characters"
        )
        super().__init__(scope, id_)
        self._inputs = inputs
        bucket = self.flat(
            S3Bucket(
                self,
                "bucket",
                provider=inputs.provider,
                bucket=name,
                force_destroy=False,
                lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            ),
            _logical_id(inputs.slot),
        )
        bucket_id = bucket.id
        versioning = self._keep_versions(bucket_id)
        self._encrypt(bucket_id)
        self._close(bucket_id, bucket.arn)
        self.outputs = StateBucketOutputs(bucket_name=bucket.bucket, versioning=versioning)

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

    def _encrypt(self, bucket_id: str) -> None:
        by_default = (
            S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                sse_algorithm="AES256"
            )
        )
        self.flat(
            S3BucketServerSideEncryptionConfigurationA(
                self,
                "encryption",
                provider=self._inputs.provider,
                bucket=bucket_id,
                rule=[
                    S3BucketServerSideEncryptionConfigurationRuleA(
                        apply_server_side_encryption_by_default=by_default
                    )
                ],
            ),
            _logical_id(self._inputs.slot),
        )

    def _close(self, bucket_id: str, bucket_arn: str) -> None:
        provider, logical_id = self._inputs.provider, _logical_id(self._inputs.slot)
        self.flat(
            S3BucketOwnershipControls(
                self,
                "ownership",
                provider=provider,
                bucket=bucket_id,
                rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
            ),
            logical_id,
        )
        block = self.flat(
            S3BucketPublicAccessBlock(
                self,
                "public_access_block",
                provider=provider,
                bucket=bucket_id,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            logical_id,
        )
        self.flat(
            S3BucketPolicy(
                self,
                "policy",
                provider=provider,
                bucket=bucket_id,
                policy=_tls_only(bucket_arn),
                # S3 refuses the two at once: "a conflicting conditional operation".
                depends_on=[block],
            ),
            logical_id,
        )


def forgotten(slot: str) -> list[dict[str, object]]:
    """Give the `removed` blocks by which Terraform forgets a bucket and destroys nothing of it.

    They need a provider of its region, and mean nothing once it is forgotten. Source:
    developer.hashicorp.com/terraform/language/block/removed.
    """
    return [
        {"from": f"{each.TF_RESOURCE_TYPE}.{_logical_id(slot)}", "lifecycle": {"destroy": False}}
        for each in _TYPES
    ]


def _logical_id(slot: str) -> str:
    return f"state_{slot}"


def _tls_only(bucket_arn: str) -> str:
    statement = {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return policy_document([statement])
