"""The stream of what devices send."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kinesis_stream import KinesisStream, KinesisStreamStreamModeDetails
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module
from modules.number import Number

# The key that AWS manages for Kinesis; whoever may write to the stream may use it.
_KEY = "alias/aws/kinesis"


@dataclass(frozen=True, kw_only=True)
class TelemetryStreamInputs:
    """The stream's name, and the hours for which it keeps a record."""

    provider: AwsProvider
    name: str
    hours: Number


@dataclass(frozen=True, kw_only=True)
class TelemetryStreamOutputs:
    """The stream's name and ARN."""

    name: str
    arn: str


class TelemetryStream(Module):
    """An encrypted Kinesis stream that grows by itself: a fleet that fails over comes at once.

    On demand it takes twice what it took at the most in the last 30 days:
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
                retention_period=inputs.hours,
                encryption_type="KMS",
                kms_key_id=_KEY,
                stream_mode_details=KinesisStreamStreamModeDetails(stream_mode="ON_DEMAND"),
            ),
            "telemetry",
        )
        self.outputs = TelemetryStreamOutputs(name=stream.name, arn=stream.arn)
