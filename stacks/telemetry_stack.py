"""The stack of a region's path for device messages."""

from constructs import Construct

from environments.settings import Settings
from modules.device_table_names import state_table, table_arn
from modules.monitoring_names import region_topic_arn
from modules.telemetry import Telemetry, TelemetryInputs
from stacks.base_stack import BaseStack
from stacks.device_data import device_data
from stacks.graph import StackNode


class TelemetryStack(BaseStack):
    """A region's topic rule, stream and function, which write each device's last state.

    It reads no state and has no data sources: it derives the names of the table and of the alarm
    topic. So it can be planned while all other regions are down, and in the same wave as the stack
    that creates the topic.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        table = state_table(self.context)
        data = device_data(settings)
        telemetry = Telemetry(
            self,
            TelemetryInputs(
                provider=self.provider(node.region),
                context=self.context,
                account_id=settings.account_id,
                retention_hours=data.stream_hours,
                shard_count=data.stream_shards,
                table=table,
                table_arn=table_arn(self.context, settings.account_id, table),
                topic_arn=region_topic_arn(self.context, settings.account_id),
            ),
        ).outputs
        stream, failed, lost = telemetry.stream, telemetry.failed, telemetry.lost
        self.hand_over("stream_name", stream.name, "Stream of what devices send to this region")
        self.hand_over("failed_queue_url", failed.url, "Queue of what could not be written")
        self.hand_over("lost_queue_url", lost.url, "Queue of what did not get into the stream")
