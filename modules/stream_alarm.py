"""The alarm on a function that falls behind its stream."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs
from modules.function import FunctionOutputs
from modules.module import Module
from modules.stream_delays import LATE, LATE_PERIOD, LATE_PERIODS

_MILLISECONDS = 1000


@dataclass(frozen=True, kw_only=True)
class StreamAlarmInputs:
    """The function, whom to tell, the alarm's name and description; `slot` is its logical id."""

    provider: AwsProvider
    slot: str
    name: str
    description: str
    function: FunctionOutputs
    topic_arn: str


class StreamAlarm(Module):
    """Goes off when the function is given records five minutes old, for five minutes on end.

    docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """

    def __init__(self, scope: Construct, id_: str, inputs: StreamAlarmInputs) -> None:
        super().__init__(scope, id_)
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=inputs.name,
                description=inputs.description,
                namespace="AWS/Lambda",
                metric="IteratorAge",
                dimensions={"FunctionName": inputs.function.name},
                statistic="Maximum",
                comparison="GreaterThanOrEqualToThreshold",
                threshold=LATE * _MILLISECONDS,
                period=LATE_PERIOD,
                periods=LATE_PERIODS,
                # Where nothing comes, nothing is late.
                missing="notBreaching",
                topic_arn=inputs.topic_arn,
            ),
        )
