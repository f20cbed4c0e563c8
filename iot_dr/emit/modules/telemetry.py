"""The module `telemetry`: processing of device messages in one region."""

from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import LOG_DAYS, TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import (
    ALARM_TOPIC,
    BOUNDARY,
    RESERVED_CONCURRENCY,
    STATE_TABLE,
)
from iot_dr.emit.variables.settings import SETTINGS
from modules.device_table_names import table_arn
from modules.telemetry import Telemetry, TelemetryInputs


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    context = stack.regional()
    stack.rule_names()
    table = f"${{var.{STATE_TABLE.name}}}"
    telemetry = Telemetry(
        stack,
        TelemetryInputs(
            provider=stack.provider(),
            context=context,
            account_id="${local.account_id}",
            retention_hours=stack.number_variable("stream_hours"),
            shard_count=stack.number_variable("stream_shards"),
            table=table,
            table_arn=table_arn(context, "${local.account_id}", table),
            topic_arn="${var.alarm_topic_arn}",
        ),
    ).outputs
    stack.output(
        "stream_name",
        telemetry.stream.name,
        "Name of the stream of what devices send to this region",
    )
    stack.output(
        "failed_queue_url", telemetry.failed.url, "URL of the queue of what could not be written"
    )
    stack.output(
        "lost_queue_url", telemetry.lost.url, "URL of the queue of what did not get into the stream"
    )
    return ()


TELEMETRY: Final = Blueprint(
    name="telemetry",
    title="Telemetry",
    purpose="Writes the last state of each device to a global table, in one region: an AWS IoT"
    " topic rule, a Kinesis stream, a Lambda function that writes states, and queues with alarms"
    " for messages that could not be processed.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "region")),
        STATE_TABLE,
        ALARM_TOPIC,
        SETTINGS["stream_hours"],
        SETTINGS["stream_shards"],
        RESERVED_CONCURRENCY,
        BOUNDARY,
        LOG_DAYS,
        TAGS,
    ),
    build=_build,
    files={
        "queues": r"telemetry_",
        "writer": r"writer",
    },
    notes=(
        "Devices publish below `iot-{environment}/{thing}/up/`.",
        (
            "The function reads ten batches of each shard at once, and what it reserves by default"
            " is for eight shards. With more, also on demand, set `telemetry` in"
            " `reserved_concurrency` to ten for each."
        ),
    ),
)
