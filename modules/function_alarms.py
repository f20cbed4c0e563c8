"""The alarms on a function that fails, or that may not run."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.function import FunctionOutputs
from modules.module import Module

_PERIOD = 300
# One turn may be refused and tried again; a quarter of an hour is no chance.
_THROTTLED_PERIODS = 3


@dataclass(frozen=True, kw_only=True)
class FunctionAlarmsInputs:
    """The function, what it is called in its alarms' names, and whom to tell.

    `slot` is what their logical ids begin with.
    """

    provider: AwsProvider
    context: Context
    slot: str
    thing: str
    function: FunctionOutputs
    topic_arn: str


class FunctionAlarms(Module):
    """Two alarms: the function has failed or timed out, or was turned away again and again.

    docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """

    def __init__(self, scope: Construct, id_: str, inputs: FunctionAlarmsInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self._tell("Errors", 1, "has failed or timed out: look into its log")
        self._tell("Throttles", _THROTTLED_PERIODS, "is turned away: more is asked than it may run")

    def _tell(self, metric: str, periods: int, what: str) -> None:
        inputs, word = self._inputs, metric.lower()
        region = inputs.context.region
        Alarm(
            self,
            word,
            AlarmInputs(
                provider=inputs.provider,
                slot=f"{inputs.slot}_{word}",
                name=alarm_name(inputs.context, f"{inputs.thing}-{word}"),
                description=f"{inputs.thing} in {region} {what}.",
                namespace="AWS/Lambda",
                metric=metric,
                dimensions={"FunctionName": inputs.function.name},
                statistic="Sum",
                comparison="GreaterThanOrEqualToThreshold",
                threshold=1,
                period=_PERIOD,
                periods=periods,
                missing="notBreaching",
                topic_arn=inputs.topic_arn,
            ),
        )
