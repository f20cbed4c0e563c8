"""A private bucket that refuses requests without TLS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from constructs import Construct

from modules.inputs import require
from modules.module import Module
from modules.policy_document import policy_document, tls_only

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME_LENGTH = range(3, 64)


@dataclass(frozen=True, kw_only=True)
class ClosedBucketInputs:
    """The bucket's name and logical id (`slot`), and statements to add to its policy.

    Without `prevent_destroy`, Terraform destroys the bucket with its objects.
    """

    provider: AwsProvider
    bucket_name: str
    slot: str
    prevent_destroy: bool
    statements: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class ClosedBucketOutputs:
    """The bucket's id, name, ARN and policy, all known once they exist."""

    id: str
    name: str
    arn: str
    policy: S3BucketPolicy


class ClosedBucket(Module):
    """A bucket without public access or ACLs, and with a policy that denies requests without TLS.

    Raises InputError unless the name has 3 to 63 characters. Source:
    docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: ClosedBucketInputs) -> None:
        name = inputs.bucket_name
        require(len(name) in _NAME_LENGTH, ClosedBucket, "bucket_name", name, "3 to 63 characters")
        super().__init__(scope, id_)
        self._inputs = inputs
        bucket = self.flat(
            S3Bucket(
                self,
                "bucket",
                provider=inputs.provider,
                bucket=name,
                force_destroy=not inputs.prevent_destroy,
                lifecycle=TerraformResourceLifecycle(prevent_destroy=True)
                if inputs.prevent_destroy
                else None,
            ),
            inputs.slot,
        )
        policy = self._close(bucket.id, bucket.arn)
        self.outputs = ClosedBucketOutputs(
            id=bucket.id, name=bucket.bucket, arn=bucket.arn, policy=policy
        )

    def _close(self, bucket_id: str, bucket_arn: str) -> S3BucketPolicy:
        provider, slot = self._inputs.provider, self._inputs.slot
        self.flat(
            S3BucketOwnershipControls(
                self,
                "ownership",
                provider=provider,
                bucket=bucket_id,
                rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
            ),
            slot,
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
            slot,
        )
        closing = tls_only("s3:*", [bucket_arn, f"{bucket_arn}/*"])
        return self.flat(
            S3BucketPolicy(
                self,
                "policy",
                provider=provider,
                bucket=bucket_id,
                policy=policy_document([*self._inputs.statements, closing]),
                # S3 rejects concurrent changes of the two: "A conflicting conditional operation
                # is currently in progress against this resource".
                depends_on=[block],
            ),
            slot,
        )
