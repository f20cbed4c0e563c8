"""An alarm that pages: it goes off, and tells a topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module

_NAME_LIMIT = 255


def alarm_name(context: Context, thing: str) -> str:
    """Name an alarm after what it is about and the context's region; a long name is cut."""
    return context.name(f"{thing}-{context.region}", _NAME_LIMIT)


@dataclass(frozen=True, kw_only=True)
class AlarmInputs:
    """A metric, and the value at which its alarm goes off.

    `slot` is its logical id; `period` is in seconds, and the alarm goes off after `periods` of
    them in a row. `missing` is what CloudWatch makes of a period without data.
    """

    provider: AwsProvider
    slot: str
    name: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: Literal["Minimum", "Maximum", "Sum"]
    comparison: Literal["GreaterThanOrEqualToThreshold", "LessThanThreshold"]
    threshold: int
    period: int
    periods: int
    missing: Literal["breaching", "notBreaching", "ignore", "missing"]
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class AlarmOutputs:
    """The alarm's name, by which a health check finds it."""

    name: str


class Alarm(Module):
    """A CloudWatch alarm on one metric, which tells the topic when it goes off and when it ends.

    How periods without data count is said each time, since CloudWatch's default keeps silent:
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
                comparison_operator=inputs.comparison,
                threshold=inputs.threshold,
                period=inputs.period,
                evaluation_periods=inputs.periods,
                treat_missing_data=inputs.missing,
                alarm_actions=[inputs.topic_arn],
                ok_actions=[inputs.topic_arn],
            ),
            inputs.slot,
        )
        self.outputs = AlarmOutputs(name=alarm.alarm_name)
