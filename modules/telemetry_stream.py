"""The Kinesis stream of device messages."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kinesis_stream import KinesisStream, KinesisStreamStreamModeDetails
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module
from modules.number import Number, Unknown
from modules.stream_delays import STREAM_KEY

# The AWS managed key, which every writer of the stream may use.


@dataclass(frozen=True, kw_only=True)
class TelemetryStreamInputs:
    """The stream's name, retention and number of shards.

    `shard_count` is None for an on-demand stream; as a Terraform expression it can be null.
    """

    provider: AwsProvider
    name: str
    retention_hours: Number
    shard_count: Number | None


@dataclass(frozen=True, kw_only=True)
class TelemetryStreamOutputs:
    """The stream's name and ARN."""

    name: str
    arn: str


class TelemetryStream(Module):
    """An encrypted Kinesis stream.

    On demand, it accepts up to twice the peak of the last 30 days, for a fleet that arrives at once
    after a failover. Provisioned, each shard accepts 1000 records a second and throttles above:
    docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TelemetryStreamInputs) -> None:
        super().__init__(scope, id_)
        stream = self.flat(
            KinesisStream(
                self,
                "stream",
                provider=inputs.provider,
                name=inputs.name,
                retention_period=inputs.retention_hours,
                encryption_type="KMS",
                kms_key_id=STREAM_KEY,
                shard_count=inputs.shard_count,
                stream_mode_details=KinesisStreamStreamModeDetails(
                    stream_mode=_mode(inputs.shard_count)
                ),
            ),
            "telemetry",
        )
        self.outputs = TelemetryStreamOutputs(name=stream.name, arn=stream.arn)


def _mode(shards: Number | None) -> str:
    if isinstance(shards, Unknown):
        return f'${{{shards.expression} == null ? "ON_DEMAND" : "PROVISIONED"}}'
    return "ON_DEMAND" if shards is None else "PROVISIONED"
