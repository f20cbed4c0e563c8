"""The project's own stacks."""

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from iot_dr.api import BaseStack, Settings, StackNode


class Orders(BaseStack):
    """A queue of orders in each region, with an alarm."""

    kind = "orders"
    upstream = ("iot",)

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        name = self.context.name("orders")
        queue = SqsQueue(self, "queue", provider=self.provider(), name=name)
        CloudwatchMetricAlarm(
            self,
            "old",
            provider=self.provider(),
            alarm_name=self.context.name(f"orders-old-{self.region}"),
            namespace="AWS/SQS",
            metric_name="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": name},
            statistic="Maximum",
            comparison_operator="GreaterThanThreshold",
            threshold=600,
            period=60,
            evaluation_periods=5,
            alarm_actions=[self.platform.alarm_topic_arn],
        )
        self.hand_over("queue_url", queue.url, "Queue of orders")


class OrderQueues(BaseStack):
    """The URLs of all regions' queues, as outputs of one state."""

    kind = "order-queues"
    upstream = ("orders",)

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        for region in settings.regions:
            url = self.output("orders", "queue_url", region)
            self.hand_over(f"queue_url_{region.replace('-', '_')}", url, "Queue of orders")
