"""The alarm on a function that falls behind its stream."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs
from modules.function import FunctionOutputs
from modules.module import Module
from modules.number import Number
from modules.stream_delays import LATE_AGE, LATE_PERIOD, LATE_PERIODS

_MILLISECONDS = 1000


@dataclass(frozen=True, kw_only=True)
class StreamAlarmInputs:
    """The function, the topic, and the alarm's name and description; `slot` is the logical id.

    It goes off when records are `age` seconds old on delivery, for `periods` minutes.
    """

    provider: AwsProvider
    slot: str
    name: str
    description: str
    function: FunctionOutputs
    topic_arn: str
    age: Number = LATE_AGE
    periods: int = LATE_PERIODS


class StreamAlarm(Module):
    """An alarm on the age of records on delivery, by default five minutes for five minutes.

    docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (IteratorAge)
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
                threshold=inputs.age * _MILLISECONDS,
                period=LATE_PERIOD,
                evaluation_periods=inputs.periods,
                # A stream without records is not late.
                treat_missing_data="notBreaching",
                topic_arn=inputs.topic_arn,
            ),
        )
