"""The bucket through which the actions of a pipeline hand their artifacts on."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.bucket_settings import encrypt, expire
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
        provider, name = inputs.provider, bucket.name
        encrypt(self, provider=provider, slot=_SLOT, bucket=name, key_arn=inputs.key_arn)
        expire(self, provider=provider, slot=_SLOT, bucket=name, days=_DAYS)
        self.outputs = ArtifactBucketOutputs(name=bucket.name, arn=bucket.arn)
