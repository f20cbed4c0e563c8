"""Alarms on a function's errors and throttles."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.function import FunctionOutputs
from modules.module import Module

# A single throttled invocation is retried; a quarter of an hour of them is not transient.
_THROTTLED_PERIODS = 3


@dataclass(frozen=True, kw_only=True)
class FunctionAlarmsInputs:
    """The function, the topic, and the first part of alarm names (`subject`) and ids (`slot`)."""

    provider: AwsProvider
    context: Context
    slot: str
    subject: str
    function: FunctionOutputs
    topic_arn: str


class FunctionAlarms(Module):
    """Alarms on any error in 5 minutes, and on throttles in each of three 5-minute periods.

    docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (Errors include timeouts)
    """

    def __init__(self, scope: Construct, id_: str, inputs: FunctionAlarmsInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self._alarm("Errors", 1, "has failed or timed out: look into its log")
        problem = "is throttled: its concurrency limit is reached"
        self._alarm("Throttles", _THROTTLED_PERIODS, problem)

    def _alarm(self, metric: str, periods: int, problem: str) -> None:
        inputs, word = self._inputs, metric.lower()
        region = inputs.context.region
        Alarm(
            self,
            word,
            AlarmInputs(
                provider=inputs.provider,
                slot=f"{inputs.slot}_{word}",
                name=alarm_name(inputs.context, f"{inputs.subject}-{word}"),
                description=f"{inputs.subject} in {region} {problem}.",
                namespace="AWS/Lambda",
                metric=metric,
                dimensions={"FunctionName": inputs.function.name},
                statistic="Sum",
                threshold=1,
                period=300,
                evaluation_periods=periods,
                treat_missing_data="notBreaching",
                topic_arn=inputs.topic_arn,
            ),
        )
