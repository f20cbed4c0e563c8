"""The watcher, which latches a failover until an operator ends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import (
    FEWEST_FAILURES,
    PRIMARY_FAILING,
    REGISTER,
    WATCHER_NAMESPACE,
    Mode,
    WatchedRegionVariable,
    WatcherVariable,
    parameter_name,
    switch_namespace,
    watcher_alarm_regions,
)
from modules.alarm import Alarm, AlarmInputs
from modules.context import Context
from modules.function import Function, FunctionInputs, FunctionOutputs
from modules.function_limits import WATCHER_MEMORY
from modules.inputs import require
from modules.module import Module
from modules.name_limits import ALARM_NAME_LIMIT
from modules.number import Number, at_least
from modules.policy_document import REQUESTED_REGION, allow
from modules.schedule import Schedule, ScheduleInputs
from modules.switch_metric import switch_alarm_name
from modules.watch_time import (
    PROBE_TIME,
    SILENT_PERIODS,
    WATCH_MARGIN,
    WATCH_PERIOD,
    WATCH_SCHEDULE,
)
from modules.watcher_calls import (
    NAMESPACE,
    PUBLISH,
    PUT_METRIC,
    READ_ALARM,
    READ_METRIC,
    READ_PARAMETERS,
    WRITE_PARAMETER,
    alarm_arn,
    parameter_arn,
    topic_arn,
)


@dataclass(frozen=True)
class WatchedRegion:
    """A region, its regional name, and the id of its TCP health check."""

    region: str
    name: str
    check_id: str


@dataclass(frozen=True, kw_only=True)
class WatcherInputs:
    """The watched region, the watcher's own (`own`), and when it counts as failed.

    `primary` is the watched region: the primary, or a standby that another one follows. `earlier`
    are the regions before it in the order of failover.

    `regions` are all regions in the order of the settings, which a change of primary does not
    change; `device_name` is the one with the failover records. `mode`, `interval` (seconds) and
    `threshold` are those of the watched region's health check.
    `slot` is the logical id of the resources in the watcher's region, whose `provider` this is.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    device_name: str
    ttl: Number
    primary: WatchedRegion
    earlier: Sequence[str]
    own: WatchedRegion
    regions: Sequence[WatchedRegion]
    mode: Mode
    interval: Number
    threshold: Number
    slot: str
    topic_arn: str


class Watcher(Module):
    """A function that probes a region each minute from the next one, and switches it away.

    Route 53 uses the same threshold for failure and recovery, so devices would return as soon as
    the region answers again; the switch stays until an operator clears it. A region that answers
    while the device name resolves to another one is switched away too (ADR 0035). A standby is
    switched away only if devices use it, and the regions before it with it (ADR 0039). If the
    watcher's own regional name does not answer either, the fault is the watcher's, and it does not
    switch. Creates the function, its schedule, and an alarm. Raises InputError if the watcher's
    region is the watched one.
    """

    def __init__(self, scope: Construct, id_: str, inputs: WatcherInputs) -> None:
        require(
            inputs.own.region != inputs.primary.region,
            Watcher,
            "own",
            inputs.own.region,
            "another region than the watched one, which may be gone",
        )
        super().__init__(scope, id_)
        self._inputs = inputs
        function = Function(self, "function", _function(inputs))
        self._schedule(function.outputs)
        self._alarm_on_silence()
        self.outputs: FunctionOutputs = function.outputs

    def _schedule(self, function: FunctionOutputs) -> None:
        inputs = self._inputs
        Schedule(
            self,
            "schedule",
            ScheduleInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=inputs.context.name("watcher"),
                description=f"Watches {inputs.primary.name}",
                expression=WATCH_SCHEDULE,
                function=function,
                target_id="watcher",
            ),
        )

    def _alarm_on_silence(self) -> None:
        inputs = self._inputs
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=inputs.context.name("watcher", ALARM_NAME_LIMIT),
                description=f"{inputs.primary.name} fails, or nobody watches it: devices"
                " switched away would go back by themselves.",
                namespace=WATCHER_NAMESPACE,
                metric=PRIMARY_FAILING,
                dimensions={"Environment": inputs.context.environment},
                statistic="Maximum",
                threshold=1,
                period=WATCH_PERIOD,
                evaluation_periods=SILENT_PERIODS,
                treat_missing_data="breaching",
                topic_arn=inputs.topic_arn,
            ),
        )


def _function(inputs: WatcherInputs) -> FunctionInputs:
    context = inputs.context
    topic = f"iot-dr/{context.environment}/watcher"
    failures = at_least(inputs.threshold, FEWEST_FAILURES)
    # As `watch_seconds` and `watch_concurrency`, of numbers that may be expressions of Terraform.
    timeout = (inputs.interval + PROBE_TIME) * failures + WATCH_MARGIN
    return FunctionInputs(
        provider=inputs.provider,
        context=context,
        package="watcher",
        slot=inputs.slot,
        name=context.name("watcher"),
        role_name=context.name(f"watcher-{inputs.own.region}"),
        description=f"Switches devices away from {inputs.primary.region} once it has failed",
        variables={
            WatcherVariable.MODE: inputs.mode,
            WatcherVariable.PRIMARY: inputs.primary.region,
            WatcherVariable.AWAY: ",".join((*inputs.earlier, inputs.primary.region)),
            WatcherVariable.ALARM_REGIONS: ",".join(_alarm_regions(inputs, inputs.primary.region)),
            WatcherVariable.DEVICE_NAME: inputs.device_name,
            WatcherVariable.SWITCH: switch_alarm_name(context, inputs.primary.region),
            WatcherVariable.TTL: str(inputs.ttl),
            **_regions(inputs.regions),
            WatcherVariable.TOPIC: topic,
            WatcherVariable.ENVIRONMENT: context.environment,
            WatcherVariable.INTERVAL: str(inputs.interval),
            WatcherVariable.THRESHOLD: str(inputs.threshold),
            WatcherVariable.PROJECT: context.project,
        },
        statements=_statements(inputs, topic),
        timeout=timeout,
        memory=WATCHER_MEMORY,
        # An invocation starts each minute, even while earlier ones repeat their probes.
        reserved_concurrency=timeout // WATCH_PERIOD + 2,
    )


def _alarm_regions(inputs: WatcherInputs, region: str) -> Sequence[str]:
    return watcher_alarm_regions(
        [each.region for each in inputs.regions], inputs.own.region, region
    )


def _regions(regions: Sequence[WatchedRegion]) -> Mapping[str, str]:
    """Return the environment variables of all regions.

    Each value is at most one reference, which the drill can resolve before anything is applied.
    """
    variables: dict[str, str] = {
        WatcherVariable.REGIONS: ",".join(region.region for region in regions)
    }
    for place, region in enumerate(regions, 1):
        variables[f"{WatchedRegionVariable.NAME}{place}"] = region.name
        variables[f"{WatchedRegionVariable.CHECK}{place}"] = region.check_id
    return variables


def _statements(inputs: WatcherInputs, topic: str) -> list[Mapping[str, Any]]:
    namespace = switch_namespace(inputs.context.environment)
    switch = allow("PutTheSwitch", PUT_METRIC, "*", {"StringEquals": {NAMESPACE: namespace}})
    history = allow(
        "ReadTheHistory",
        READ_METRIC,
        "*",
        {"StringEquals": {REQUESTED_REGION: [region.region for region in inputs.regions]}},
    )
    switches = switch_alarm_name(inputs.context, "*")
    away = (*inputs.earlier, inputs.primary.region)
    alarm_regions = dict.fromkeys(
        chain.from_iterable(_alarm_regions(inputs, region) for region in away)
    )
    state = allow(
        "ReadTheSwitch",
        READ_ALARM,
        # Any switch that is kept there: a change of primary changes no boundary.
        [alarm_arn(alarm_region, inputs.account_id, switches) for alarm_region in alarm_regions],
    )
    names = parameter_name(inputs.context.project, inputs.context.environment, REGISTER, "*")
    register = allow(
        "WriteTheRegister",
        [READ_PARAMETERS, WRITE_PARAMETER],
        [parameter_arn(alarm_region, inputs.account_id, names) for alarm_region in alarm_regions],
    )
    if inputs.mode == "shallow":
        return [switch, history, state, register]
    publish = allow(
        "PublishOneTopic", PUBLISH, topic_arn(inputs.primary.region, inputs.account_id, topic)
    )
    return [publish, switch, history, state, register]
