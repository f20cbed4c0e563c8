"""The publisher of a region's switches, so that none depends on a last known status."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import (
    PUBLISH_SECONDS,
    USES,
    PublisherVariable,
    parameter_name,
    switch_namespace,
)
from modules.alarm import Alarm, AlarmInputs
from modules.context import Context
from modules.function import Function, FunctionInputs
from modules.function_limits import PUBLISHER_CONCURRENCY, PUBLISHER_MEMORY
from modules.module import Module
from modules.name_limits import ALARM_NAME_LIMIT
from modules.policy_document import allow
from modules.schedule import Schedule, ScheduleInputs
from modules.watch_time import SILENT_PERIODS, WATCH_PERIOD, WATCH_SCHEDULE
from modules.watcher_calls import NAMESPACE, PUT_METRIC, READ_PARAMETERS, parameter_arn

# With that of the watcher as its first word, so that both fit below one statement of the boundary
# of functions.
_NAME = "watcher-publisher"


@dataclass(frozen=True, kw_only=True)
class SwitchPublisherInputs:
    """A region with alarms of switches, and all `regions` in the order of the settings.

    `slot` is the logical id of its resources. `watchers` are the functions that write registers.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    region: str
    regions: Sequence[str]
    slot: str
    topic_arn: str
    watchers: Sequence[ITerraformDependable]


class SwitchPublisher(Module):
    """A function that puts the value of each register in its region each minute (ADR 0045).

    A switch is otherwise one data point, which Route 53 has to remember. Registers are parameters
    that Terraform does not know. Without one, nothing is put. Creates the function, its schedule,
    and an alarm that also goes off if the function does not run. It does not run before a watcher
    that writes registers, whose switch it could end.
    """

    def __init__(self, scope: Construct, id_: str, inputs: SwitchPublisherInputs) -> None:
        super().__init__(scope, id_)
        function = Function(self, "function", _function(inputs)).outputs
        name = inputs.context.name(_NAME)
        Schedule(
            self,
            "schedule",
            ScheduleInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=name,
                description=f"Publishes the switches that are kept in {inputs.region}",
                expression=WATCH_SCHEDULE,
                function=function,
                target_id="publisher",
            ),
        )
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=inputs.context.name(_NAME, ALARM_NAME_LIMIT),
                description=f"Switches that are kept in {inputs.region} are not published: they"
                " hold only as long as Route 53 remembers them.",
                namespace="AWS/Lambda",
                metric="Errors",
                dimensions={"FunctionName": function.name},
                statistic="Maximum",
                threshold=1,
                period=WATCH_PERIOD,
                evaluation_periods=SILENT_PERIODS,
                treat_missing_data="breaching",
                topic_arn=inputs.topic_arn,
            ),
        )


def _function(inputs: SwitchPublisherInputs) -> FunctionInputs:
    context, environment = inputs.context, inputs.context.environment
    put = allow(
        "PutSwitches",
        PUT_METRIC,
        "*",
        {"StringEquals": {NAMESPACE: switch_namespace(environment)}},
    )
    # Those of the other regions too: this one may have been lost while a switch was used.
    names = parameter_name(context.project, environment, USES, "*")
    read = allow(
        "ReadRegisters",
        READ_PARAMETERS,
        [parameter_arn(region, inputs.account_id, names) for region in inputs.regions],
    )
    return FunctionInputs(
        provider=inputs.provider,
        context=context,
        package="switch_publisher",
        slot=inputs.slot,
        name=context.name(_NAME),
        role_name=context.name(f"{_NAME}-{inputs.region}"),
        description=f"Publishes the switches that are kept in {inputs.region}",
        variables={
            PublisherVariable.PROJECT: context.project,
            PublisherVariable.ENVIRONMENT: environment,
            PublisherVariable.REGIONS: ",".join(inputs.regions),
        },
        statements=[put, read],
        timeout=PUBLISH_SECONDS,
        memory=PUBLISHER_MEMORY,
        reserved_concurrency=PUBLISHER_CONCURRENCY,
        after=inputs.watchers,
    )
