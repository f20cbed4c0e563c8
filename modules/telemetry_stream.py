"""The stream of what devices send."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kinesis_stream import KinesisStream, KinesisStreamStreamModeDetails
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module
from modules.number import Number, Unknown

# The key that AWS manages for Kinesis; whoever may write to the stream may use it.
_KEY = "alias/aws/kinesis"


@dataclass(frozen=True, kw_only=True)
class TelemetryStreamInputs:
    """The stream's name, the hours for which it keeps a record, and its shards.

    `shards` is None for a stream on demand, as is a null that only Terraform knows.
    """

    provider: AwsProvider
    name: str
    hours: Number
    shards: Number | None


@dataclass(frozen=True, kw_only=True)
class TelemetryStreamOutputs:
    """The stream's name and ARN."""

    name: str
    arn: str


class TelemetryStream(Module):
    """An encrypted Kinesis stream.

    On demand it grows by itself, for a fleet that fails over comes at once: it takes twice what it
    took at the most in the last 30 days. Provisioned, it takes up to 1000 records a second in each
    of its shards and refuses what is more: docs.aws.amazon.com/streams/latest/dev,
    how-do-i-size-a-stream.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TelemetryStreamInputs) -> None:
        super().__init__(scope, id_)
        stream = self.flat(
            KinesisStream(
                self,
                "stream",
                provider=inputs.provider,
                name=inputs.name,
                retention_period=inputs.hours,
                encryption_type="KMS",
                kms_key_id=_KEY,
                shard_count=inputs.shards,
                stream_mode_details=KinesisStreamStreamModeDetails(
                    stream_mode=_mode(inputs.shards)
                ),
            ),
            "telemetry",
        )
        self.outputs = TelemetryStreamOutputs(name=stream.name, arn=stream.arn)


def _mode(shards: Number | None) -> str:
    if isinstance(shards, Unknown):
        return f'${{{shards.expression} == null ? "ON_DEMAND" : "PROVISIONED"}}'
    return "ON_DEMAND" if shards is None else "PROVISIONED"
