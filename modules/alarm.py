"""A CloudWatch metric alarm that notifies an SNS topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.name_limits import ALARM_NAME_LIMIT
from modules.number import Number


def alarm_name(context: Context, suffix: str) -> str:
    """Return the name of a region's alarm; a name over 255 characters is cut and ends in a hash."""
    return context.name(f"{suffix}-{context.region}", ALARM_NAME_LIMIT)


@dataclass(frozen=True, kw_only=True)
class AlarmInputs:
    """A metric, a threshold, and the topic to notify.

    `slot` is the logical id. `period` is in seconds; the alarm goes off when `evaluation_periods`
    of them in a row breach the threshold, by default if they reach it.
    """

    provider: AwsProvider
    slot: str
    name: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: Literal["Minimum", "Maximum", "Sum"]
    comparison_operator: Literal["GreaterThanOrEqualToThreshold", "LessThanThreshold"] = (
        "GreaterThanOrEqualToThreshold"
    )
    threshold: Number
    period: int
    evaluation_periods: int
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"]
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class AlarmOutputs:
    """The alarm's name, by which a health check refers to it, and what decides its state."""

    name: str
    deciding: Mapping[str, str]


class Alarm(Module):
    """A CloudWatch alarm on one metric that notifies the topic on ALARM and on OK.

    `treat_missing_data` is always given: with CloudWatch's default (`missing`), an alarm without
    data goes to INSUFFICIENT_DATA, which notifies nobody here:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: AlarmInputs) -> None:
        super().__init__(scope, id_)
        alarm = self.flat(
            CloudwatchMetricAlarm(
                self,
                "alarm",
                provider=inputs.provider,
                alarm_name=inputs.name,
                alarm_description=inputs.description,
                namespace=inputs.namespace,
                metric_name=inputs.metric,
                dimensions=dict(inputs.dimensions),
                statistic=inputs.statistic,
                comparison_operator=inputs.comparison_operator,
                threshold=inputs.threshold,
                period=inputs.period,
                evaluation_periods=inputs.evaluation_periods,
                treat_missing_data=inputs.treat_missing_data,
                alarm_actions=[inputs.topic_arn],
                ok_actions=[inputs.topic_arn],
            ),
            inputs.slot,
        )
        self.outputs = AlarmOutputs(name=alarm.alarm_name, deciding=_deciding(inputs))


def _deciding(inputs: AlarmInputs) -> Mapping[str, str]:
    """Return the arguments that decide the alarm's state, as texts."""
    arguments: dict[str, object] = {
        "namespace": inputs.namespace,
        "metric_name": inputs.metric,
        **{f"dimensions.{name}": value for name, value in inputs.dimensions.items()},
        "statistic": inputs.statistic,
        "comparison_operator": inputs.comparison_operator,
        "threshold": inputs.threshold,
        "period": inputs.period,
        "evaluation_periods": inputs.evaluation_periods,
        "treat_missing_data": inputs.treat_missing_data,
    }
    return {name: str(value) for name, value in arguments.items()}
