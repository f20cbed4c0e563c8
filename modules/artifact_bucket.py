"""The artifact bucket of a pipeline."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.bucket_settings import encrypt, expire
from modules.closed_bucket import ClosedBucket, ClosedBucketInputs
from modules.context import shortened
from modules.module import Module
from modules.name_limits import BUCKET_NAME_LIMIT

_SUFFIX: Final = "-pipeline"
_DAYS: Final = 30
_SLOT: Final = "artifacts"


def artifact_bucket_name(state_bucket: str) -> str:
    """Return the artifact bucket's name: the state bucket's, which is unique, and a suffix.

    A name over 63 characters is cut and ends in a hash of the whole name.
    """
    return shortened(f"{state_bucket}{_SUFFIX}", BUCKET_NAME_LIMIT)


@dataclass(frozen=True, kw_only=True)
class ArtifactBucketInputs:
    """The bucket's name, and the ARN of the KMS key that encrypts its objects."""

    provider: AwsProvider
    bucket_name: str
    key_arn: str


@dataclass(frozen=True, kw_only=True)
class ArtifactBucketOutputs:
    """The bucket's name, for the pipeline, and its ARN, for the roles of its actions."""

    name: str
    arn: str


class ArtifactBucket(Module):
    """A private bucket, encrypted with the given KMS key, whose objects expire after 30 days.

    Its plan files can contain secrets, as states do. So objects are not versioned (each execution
    writes under its own keys) and expire soon after the longest time that a wave can wait for
    approval, seven days by default. Every execution recreates its artifacts, so Terraform may
    destroy the bucket with its objects, unlike a state bucket. Sources:
    docs.aws.amazon.com/codepipeline/latest/userguide/{limits,S3-artifact-encryption}.html,
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
                prevent_destroy=False,
            ),
        ).outputs
        provider, name = inputs.provider, bucket.name
        encrypt(self, provider=provider, slot=_SLOT, bucket=name, key_arn=inputs.key_arn)
        expire(self, provider=provider, slot=_SLOT, bucket=name, days=_DAYS)
        self.outputs = ArtifactBucketOutputs(name=bucket.name, arn=bucket.arn)
