"""The alarm on the replication of a global table."""

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import alarm_name
from modules.context import Context
from modules.module import Module

_LATE, _PERIOD, _PERIODS = 60_000, 60, 5
REPLICATION_LATENCY: Final = "ReplicationLatency"
"""The metric of DynamoDB: milliseconds, in the region of the write."""


@dataclass(frozen=True, kw_only=True)
class ReplicationAlarmInputs:
    """The table, the topic, and the first part of the alarm's name (`subject`) and id (`slot`)."""

    provider: AwsProvider
    context: Context
    slot: str
    subject: str
    table: str
    topic_arn: str


class ReplicationAlarm(Module):
    """An alarm that goes off when writes take a minute to any other replica, for five minutes.

    A query finds the metrics of all receiving regions, which the stack of a region does not name:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html.
    DynamoDB publishes nothing while nothing is written.
    """

    def __init__(self, scope: Construct, id_: str, inputs: ReplicationAlarmInputs) -> None:
        super().__init__(scope, id_)
        region = inputs.context.region
        query = (
            f'SELECT MAX({REPLICATION_LATENCY}) FROM SCHEMA("AWS/DynamoDB", ReceivingRegion,'  # noqa: S608 - no SQL
            f" TableName) WHERE TableName = '{inputs.table}'"
        )
        self.flat(
            CloudwatchMetricAlarm(
                self,
                "alarm",
                provider=inputs.provider,
                alarm_name=alarm_name(inputs.context, f"{inputs.subject}-lag"),
                alarm_description=f"What is written to {inputs.table} in {region} reaches another"
                " region late.",
                metric_query=[
                    CloudwatchMetricAlarmMetricQuery(
                        id="latency", expression=query, period=_PERIOD, return_data=True
                    )
                ],
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=_LATE,
                evaluation_periods=_PERIODS,
                treat_missing_data="notBreaching",
                alarm_actions=[inputs.topic_arn],
                ok_actions=[inputs.topic_arn],
            ),
            inputs.slot,
        )
