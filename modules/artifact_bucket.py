"""The bucket through which the actions of a pipeline hand their artifacts on."""

from dataclasses import dataclass
from typing import Final

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
from constructs import Construct

from modules.closed_bucket import ClosedBucket, ClosedBucketInputs
from modules.context import shortened
from modules.module import Module

_LONGEST: Final = 63
_SUFFIX: Final = "-pipeline"
_DAYS: Final = 30
_SLOT: Final = "artifacts"


def artifact_bucket_name(state_bucket: str) -> str:
    """Name the artifact bucket of a region after its state bucket, whose name is no one else's.

    One longer than 63 characters is cut and ends in a hash of the whole.
    """
    return shortened(f"{state_bucket}{_SUFFIX}", _LONGEST)


@dataclass(frozen=True, kw_only=True)
class ArtifactBucketInputs:
    """The bucket's name, and the key that its objects are encrypted with."""

    provider: AwsProvider
    bucket_name: str
    key_arn: str


@dataclass(frozen=True, kw_only=True)
class ArtifactBucketOutputs:
    """The bucket's name, for the pipeline, and its ARN, for the roles of its actions."""

    name: str
    arn: str


class ArtifactBucket(Module):
    """A closed bucket with a key of its own, whose objects go after 30 days.

    Plan files are among them, and a plan file may hold what a state holds: secrets. So it keeps
    no versions, each execution writing under keys of its own, and nothing for longer than a
    person takes to approve: seven days a wave, unless told otherwise. What it holds the next
    execution makes anew, so it may be destroyed with all that is in it, unlike a state bucket.
    Sources: docs.aws.amazon.com/codepipeline/latest/userguide/{limits,S3-artifact-encryption}.html,
    developer.hashicorp.com/terraform/cli/commands/plan (`-out`).
    """

    def __init__(self, scope: Construct, id_: str, inputs: ArtifactBucketInputs) -> None:
        super().__init__(scope, id_)
        bucket = ClosedBucket(
            self,
            "bucket",
            ClosedBucketInputs(
                provider=inputs.provider,
                bucket_name=inputs.bucket_name,
                slot=_SLOT,
                is_kept=False,
            ),
        ).outputs
        self._encrypt(inputs, bucket.name)
        self._expire(inputs.provider, bucket.name)
        self.outputs = ArtifactBucketOutputs(name=bucket.name, arn=bucket.arn)

    def _encrypt(self, inputs: ArtifactBucketInputs, bucket: str) -> None:
        by_default = (
            S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                sse_algorithm="aws:kms", kms_master_key_id=inputs.key_arn
            )
        )
        self.flat(
            S3BucketServerSideEncryptionConfigurationA(
                self,
                "encryption",
                provider=inputs.provider,
                bucket=bucket,
                rule=[
                    S3BucketServerSideEncryptionConfigurationRuleA(
                        apply_server_side_encryption_by_default=by_default,
                        bucket_key_enabled=True,
                    )
                ],
            ),
            _SLOT,
        )

    def _expire(self, provider: AwsProvider, bucket: str) -> None:
        self.flat(
            S3BucketLifecycleConfiguration(
                self,
                "lifecycle",
                provider=provider,
                bucket=bucket,
                rule=[
                    S3BucketLifecycleConfigurationRule(
                        id="expire",
                        status="Enabled",
                        # Empty, for all objects.
                        filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                        expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=_DAYS)],
                        abort_incomplete_multipart_upload=[
                            S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                                days_after_initiation=1
                            )
                        ],
                    )
                ],
            ),
            _SLOT,
        )
